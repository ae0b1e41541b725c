"""`aws eks update-kubeconfig` and `aws eks get-token` with every AWS CLI on PATH, and kubectl with what they wrote.

https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html
"""

import json
import os
import re
import shutil
import stat
import subprocess

import boto3
import pytest
import yaml
from botocore.config import Config
from runner.clis import found_clis
from runner.server import Gatehouse

if not shutil.which("kubectl"):
    pytest.skip("there is no kubectl", allow_module_level=True)


CLIS = found_clis()


def assume_policy(**principal):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]})


class World:
    def __init__(self, home):
        self.server, self.home = Gatehouse(), home
        env = self.server.env
        self.account = env["account"]
        self.root = {"AWS_ACCESS_KEY_ID": env["accessKeyId"], "AWS_SECRET_ACCESS_KEY": env["secretAccessKey"]}
        iam, eks = self.client("iam"), self.client("eks")
        self.role = iam.create_role(RoleName="cluster", AssumeRolePolicyDocument=assume_policy(Service="eks.amazonaws.com"))["Role"]["Arn"]
        self.subnets = [s["SubnetId"] for s in self.client("ec2").describe_subnets()["Subnets"][:2]]
        self.eks = eks
        self.create("lake")
        iam.create_user(UserName="ann")
        key = iam.create_access_key(UserName="ann")["AccessKey"]
        self.ann = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
        iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["eks:DescribeCluster", "sts:AssumeRole"], "Resource": "*"}]}))
        self.vendor = iam.create_role(RoleName="vendor", AssumeRolePolicyDocument=assume_policy(AWS=f"arn:aws:iam::{self.account}:user/ann"))["Role"]["Arn"]

    def create(self, cluster):
        self.eks.create_cluster(name=cluster, roleArn=self.role, resourcesVpcConfig={"subnetIds": self.subnets})

    def client(self, service, **keys):
        env = self.server.env
        return boto3.client(service, endpoint_url=env["endpoint"], region_name="us-east-1", config=Config(retries={"max_attempts": 0}),
                            **(keys or {"aws_access_key_id": env["accessKeyId"], "aws_secret_access_key": env["secretAccessKey"]}))

    def session(self, name):
        sts = self.client("sts", aws_access_key_id=self.ann["AWS_ACCESS_KEY_ID"], aws_secret_access_key=self.ann["AWS_SECRET_ACCESS_KEY"])
        c = sts.assume_role(RoleArn=self.vendor, RoleSessionName=name)["Credentials"]
        return {"AWS_ACCESS_KEY_ID": c["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": c["SecretAccessKey"], "AWS_SESSION_TOKEN": c["SessionToken"]}

    def environment(self, who, cli, by):
        """What `gatehouse env` exports, in a shell of `who`."""
        env = self.server.env
        out = {"HOME": str(self.home), "PATH": f"{os.path.dirname(CLIS[cli])}:{os.environ['PATH']}", "AWS_REGION": "us-east-1",
               "AWS_DEFAULT_REGION": "us-east-1", "HTTPS_PROXY": env["proxy"], "NO_PROXY": "127.0.0.1,localhost", "AWS_CA_BUNDLE": env["caBundle"],
               "KUBECONFIG": str(self.home / "kubeconfig"), **who}
        if by == "endpoint":
            out["AWS_ENDPOINT_URL"] = env["endpoint"]
        return out


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("home"))
    yield made
    made.server.stop()


class Shell:
    def __init__(self, world, cli, by):
        self.world, self.cli, self.by = world, cli, by

    def run(self, who, *arguments, **more):
        return subprocess.run(arguments, capture_output=True, text=True, timeout=60, env={**self.world.environment(who, self.cli, self.by), **more})

    def ok(self, who, *arguments, **more):
        done = self.run(who, *arguments, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, who, *arguments, **more):
        done = self.run(who, *arguments, **more)
        assert done.returncode != 0, done.stdout
        return done.stderr


@pytest.fixture(params=[(cli, by) for cli in CLIS for by in ("endpoint", "proxy")], ids=lambda p: f"{p[0]}-{p[1]}")
def shell(world, request):
    (world.home / "kubeconfig").unlink(missing_ok=True)
    return Shell(world, *request.param)


def kubeconfig(world):
    return yaml.safe_load((world.home / "kubeconfig").read_text())


def user_in(refusal):
    return re.search(r'User "(.*?)" cannot', refusal)[1]


def test_the_creator_enters(world, shell):
    shell.ok(world.root, "aws", "eks", "update-kubeconfig", "--name", "lake", "--region", "us-east-1")
    written = kubeconfig(world)
    arn = f"arn:aws:eks:us-east-1:{world.account}:cluster/lake"
    assert written["current-context"] == arn and written["contexts"][0]["context"] == {"cluster": arn, "user": arn}
    assert stat.S_IMODE((world.home / "kubeconfig").stat().st_mode) == 0o600
    program = written["users"][0]["user"]["exec"]
    assert program["command"] == "aws" and program["args"][:4] == ["--region", "us-east-1", "eks", "get-token"]
    assert "namespace/kube-system" in shell.ok(world.root, "kubectl", "get", "namespaces", "-o", "name")
    # An alias names the context; the file keeps the other.
    shell.ok(world.root, "aws", "eks", "update-kubeconfig", "--name", "lake", "--alias", "mine")
    assert "mine" in shell.ok(world.root, "kubectl", "config", "get-contexts", "-o", "name").split()
    shell.ok(world.root, "kubectl", "--context", "mine", "get", "namespaces")
    assert "No cluster found for name: nowhere." in shell.refused(world.root, "aws", "eks", "update-kubeconfig", "--name", "nowhere")


def test_the_mapped_enter_as_who_they_are(world, shell):
    shell.ok(world.root, "aws", "eks", "update-kubeconfig", "--name", "lake")
    # Unmapped, with a good token: 401, which kubectl says in its own words.
    shell.ok(world.root, "kubectl", "delete", "configmap", "aws-auth", "-n", "kube-system", "--ignore-not-found")
    assert re.search("Unauthorized|logged in|credentials", shell.refused(world.ann, "kubectl", "get", "secrets"))
    roles = f"- rolearn: {world.vendor}\n  username: vendor-{{{{SessionName}}}}\n"
    users = f"- userarn: arn:aws:iam::{world.account}:user/ann\n  username: ann-{{{{AccountID}}}}\n"
    shell.ok(world.root, "kubectl", "create", "configmap", "aws-auth", "-n", "kube-system", f"--from-literal=mapRoles={roles}", f"--from-literal=mapUsers={users}")
    assert user_in(shell.refused(world.ann, "kubectl", "get", "secrets")) == f"ann-{world.account}"
    session = world.session("me@home")
    assert user_in(shell.refused(session, "kubectl", "get", "secrets")) == "vendor-me-home"
    # By the role, which get-token takes for each token.
    shell.ok(world.ann, "aws", "eks", "update-kubeconfig", "--name", "lake", "--role-arn", world.vendor)
    assert kubeconfig(world)["users"][0]["user"]["exec"]["args"][-2:][-1] == world.vendor
    assert user_in(shell.refused(world.ann, "kubectl", "get", "secrets")) == "vendor-EKSGetTokenAuth"
    # The role does not trust everybody.
    assert re.search("AccessDenied|not authorized", shell.refused(session, "kubectl", "get", "secrets"))


@pytest.mark.parametrize("version", ["v1beta1", "v1"])
def test_get_token(world, shell, version):
    info = json.dumps({"kind": "ExecCredential", "apiVersion": f"client.authentication.k8s.io/{version}", "spec": {"interactive": False}})
    said = json.loads(shell.ok(world.root, "aws", "eks", "get-token", "--cluster-name", "lake", KUBERNETES_EXEC_INFO=info))
    assert said["kind"] == "ExecCredential" and said["apiVersion"] == f"client.authentication.k8s.io/{version}"
    assert said["status"]["token"].startswith("k8s-aws-v1.")


def test_a_kubeconfig_of_a_deleted_cluster(world, shell):
    world.create("doomed")
    shell.ok(world.root, "aws", "eks", "update-kubeconfig", "--name", "doomed")
    shell.ok(world.root, "kubectl", "get", "namespaces")
    world.eks.delete_cluster(name="doomed")
    assert re.search("Unauthorized|logged in|credentials", shell.refused(world.root, "kubectl", "get", "namespaces"))
    assert "No cluster found for name: doomed." in shell.refused(world.root, "aws", "eks", "update-kubeconfig", "--name", "doomed")
