"""Changes of one cluster at the same time: all of those that do not exclude each other are made, and one of those that do."""

import concurrent.futures
import json
import pathlib
import sys

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from runner.server import Gatehouse  # noqa: E402


@pytest.fixture
def client():
    server = Gatehouse()
    owner = boto3.Session(server.env["accessKeyId"], server.env["secretAccessKey"], region_name=server.env["region"])
    once = Config(retries={"max_attempts": 0}, max_pool_connections=24)
    try:
        yield lambda service: owner.client(service, endpoint_url=server.env["endpoint"], config=once)
    finally:
        server.stop()


def role(client, name, service):
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
    return client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]


def outcomes(calls):
    """The error codes of the calls, made all at once; "ok" for those that succeeded."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        done = [pool.submit(call) for call in calls]
        return [f.exception().response["Error"]["Code"] if isinstance(f.exception(), ClientError) else f.result() and "ok" for f in done]


def test_parts_and_clusters_at_once(client):
    eks, ec2 = client("eks"), client("ec2")
    cluster, nodes = role(client, "cluster", "eks.amazonaws.com"), role(client, "nodes", "ec2.amazonaws.com")
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2]]

    def make():
        return eks.create_cluster(name="lake", roleArn=cluster, resourcesVpcConfig={"subnetIds": subnets})

    def group(name):
        return lambda: eks.create_nodegroup(clusterName="lake", nodegroupName=name, subnets=subnets, nodeRole=nodes)

    assert sorted(outcomes([make] * 16)) == ["ResourceInUseException"] * 15 + ["ok"]
    shown = ec2.describe_network_interfaces(Filters=[{"Name": "description", "Values": ["Amazon EKS lake"]}])
    assert len(shown["NetworkInterfaces"]) == 2
    assert eks.describe_cluster(name="lake")["cluster"]["identity"]["oidc"]["issuer"]

    assert outcomes([group(f"g{n}") for n in range(16)]) == ["ok"] * 16
    assert sorted(outcomes([group("same")] * 8)) == ["ResourceInUseException"] * 7 + ["ok"]
    assert len(eks.list_nodegroups(clusterName="lake")["nodegroups"]) == 17
