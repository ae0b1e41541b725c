"""EKS with the AWS CLI, Debian's and a newer one, in the environment that `gatehouse env` prints: e6data's own commands (E12, E23, E24)."""

import json
import pathlib
import re
import shutil
import subprocess

import pytest
from runner.server import binary
from tools import REGION, installed

DOCUMENTS = pathlib.Path(__file__).resolve().parents[1] / "data/documents/e6data"


def found_clis():
    return list(dict.fromkeys(["/usr/bin/aws", shutil.which("aws") or "/usr/bin/aws"]))


@pytest.fixture(scope="module")
def cluster(account):
    iam, eks, ec2 = account.client("iam"), account.client("eks"), account.client("ec2")
    roles = [iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))["Role"]["Arn"]
        for name, service in (("cluster", "eks"), ("nodes", "ec2"))]
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2]]
    made = eks.create_cluster(name="lake", roleArn=roles[0], resourcesVpcConfig={"subnetIds": subnets})["cluster"]
    eks.get_waiter("cluster_active").wait(name="lake", WaiterConfig={"MaxAttempts": 1})
    eks.create_nodegroup(clusterName="lake", nodegroupName="workers", nodeRole=roles[1], subnets=subnets)
    eks.get_waiter("nodegroup_active").wait(clusterName="lake", nodegroupName="workers", WaiterConfig={"MaxAttempts": 1})
    return {**made, "nodes": roles[1]}


@pytest.fixture(params=found_clis(), ids=str)
def shell(request, account, cluster, tmp_path):
    """Runs a line as a person would who said `eval "$(gatehouse env)"`."""
    if not pathlib.Path(request.param).exists():
        pytest.skip("there is no aws: scripts/deps.sh test")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/aws").symlink_to(request.param)
    exports = subprocess.run([binary(), "env", "--data", account.server.data], capture_output=True, text=True, check=True).stdout

    def run(line):
        done = subprocess.run(["bash", "-c", f"{exports}\n{line}"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
                              env={"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"})
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout
    return run


def command(file, **values):
    """A document's command, its <PLACEHOLDERS> filled in."""
    line = (DOCUMENTS / file).read_text()
    for name, value in values.items():
        line = line.replace(f"<{name}>", value)
    assert "<" not in line
    return line


def test_the_issuer_without_its_scheme(shell, account):
    said = shell(command("oidc-provider-suffix.sh", EKS_CLUSTER_NAME="lake", AWS_REGION=REGION))
    assert re.fullmatch(rf"oidc\.eks\.{REGION}\.amazonaws\.com/id/[0-9A-F]{{32}}\n", said)
    issuer = account.client("eks").describe_cluster(name="lake")["cluster"]["identity"]["oidc"]["issuer"]
    assert issuer == f"https://{said.strip()}"


def test_connect_and_view_aws_auth(shell, cluster):
    installed("kubectl")
    assert "lake" in shell(f"aws eks update-kubeconfig --name lake --region {REGION}")
    assert shell("kubectl config current-context").strip() == cluster["arn"]
    said = shell(command("aws-auth.sh"))
    assert f"rolearn: {cluster['nodes']}" in said and "username: system:node:{{EC2PrivateDNSName}}" in said
    assert "kind: ConfigMap" in said and "namespace: kube-system" in said
