"""Flyte's "Configure roles and service accounts", F1 to F8 of docs/documents.md, outside us-east-1.

`eksctl utils associate-iam-oidc-provider` is replayed as the calls that eksctl makes (pkg/iam/oidc and pkg/actions/irsa of
https://github.com/eksctl-io/eksctl); its CloudFormation stack of F7 stands here as the role that it makes.
"""

import hashlib
import json
import pathlib
import re
import shutil
import ssl
import subprocess
import urllib.request

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from runner.clients import cluster_token
from botocore.credentials import Credentials
from runner.server import ROOT, Gatehouse

REGION = "eu-west-1"
DOCUMENTS = ROOT / "tests/data/documents/flyte"


class World:
    def __init__(self):
        self.server = Gatehouse()
        env = self.server.env
        self.account, self.keys = env["account"], {"aws_access_key_id": env["accessKeyId"], "aws_secret_access_key": env["secretAccessKey"]}
        iam, eks = self.client("iam"), self.client("eks")
        trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
        role = iam.create_role(RoleName="cluster", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        subnets = [s["SubnetId"] for s in self.client("ec2").describe_subnets()["Subnets"][:2]]
        eks.create_cluster(name="flyte", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
        self.cluster = eks.describe_cluster(name="flyte")["cluster"]
        self.issuer = self.cluster["identity"]["oidc"]["issuer"]
        self.host_and_path = self.issuer.removeprefix("https://")
        self.provider = f"arn:aws:iam::{self.account}:oidc-provider/{self.host_and_path}"

    def client(self, service, signed=True):
        config = Config(retries={"max_attempts": 0}, signature_version=None if signed else UNSIGNED)
        return boto3.client(service, endpoint_url=self.server.env["endpoint"], region_name=REGION, config=config, **(self.keys if signed else {}))

    def aws(self, *arguments, query=None):
        env = self.server.env
        done = subprocess.run(["aws", *arguments, "--region", REGION, "--output", "json", *(["--query", query] if query else [])], capture_output=True, text=True, env={
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.server.scratch, "AWS_ACCESS_KEY_ID": env["accessKeyId"], "AWS_SECRET_ACCESS_KEY": env["secretAccessKey"],
            "AWS_ENDPOINT_URL": env["endpoint"], "HTTPS_PROXY": env["proxy"], "NO_PROXY": "127.0.0.1", "AWS_CA_BUNDLE": env["caBundle"]})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def certificates(self, host):
        """What the issuer shows, verified by the CA alone, as a client behind HTTPS_PROXY sees it."""
        env = self.server.env
        proxy = env["proxy"].removeprefix("http://")
        shown = subprocess.run(["openssl", "s_client", "-proxy", proxy, "-connect", f"{host}:443", "-servername", host, "-verify_hostname", host,
                                "-CAfile", env["caBundle"], "-verify_return_error", "-showcerts"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert shown.returncode == 0 and "Verify return code: 0" in shown.stdout, shown.stderr
        return [ssl.PEM_cert_to_DER_cert(pem) for pem in re.findall("-----BEGIN.*?END CERTIFICATE-----\n", shown.stdout, re.S)]

    def fetch(self, url):
        env = self.server.env
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"https": env["proxy"]}),
                                             urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=env["caBundle"])))
        return json.load(opener.open(url, timeout=20))

    def pod_token(self, ns, name):
        keys = Credentials(self.keys["aws_access_key_id"], self.keys["aws_secret_access_key"])
        headers = {"Authorization": "Bearer " + cluster_token("flyte", keys, REGION), "Content-Type": "application/json"}
        context = ssl.create_default_context(cafile=self.server.env["caBundle"])

        def post(path, body):
            request = urllib.request.Request(self.cluster["endpoint"] + path, json.dumps(body).encode(), headers)
            return json.load(urllib.request.urlopen(request, context=context, timeout=20))

        post("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})
        post(f"/api/v1/namespaces/{ns}/serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}})
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": ["sts.amazonaws.com"]}}
        return post(f"/api/v1/namespaces/{ns}/serviceaccounts/{name}/token", asked)["status"]["token"]


@pytest.fixture(scope="module")
def world():
    made = World()
    yield made
    made.server.stop()


def associate(world):
    """eksctl utils associate-iam-oidc-provider --cluster flyte --approve"""
    account = world.client("sts").get_caller_identity()["Account"]
    issuer = world.client("eks").describe_cluster(name="flyte")["cluster"]["identity"]["oidc"]["issuer"]
    iam = world.client("iam")
    host = issuer.removeprefix("https://").split("/")[0]
    arn = f"arn:aws:iam::{account}:oidc-provider/{issuer.removeprefix('https://')}"
    with pytest.raises(ClientError) as absent:
        iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert absent.value.response["Error"]["Code"] == "NoSuchEntity"
    thumbprint = hashlib.sha1(world.certificates(host)[-1]).hexdigest()
    tags = [{"Key": "alpha.eksctl.io/cluster-name", "Value": "flyte"}, {"Key": "alpha.eksctl.io/eksctl-version", "Value": "0.202.0"}]
    made = iam.create_open_id_connect_provider(Url=issuer.replace(host, host + ":443"), ClientIDList=["sts.amazonaws.com"], ThumbprintList=[thumbprint], Tags=tags)
    world.client("eks").tag_resource(resourceArn=world.cluster["arn"], tags={"alpha.eksctl.io/cluster-oidc-enabled": "true"})
    return made["OpenIDConnectProviderArn"], thumbprint, tags


def test_the_provider_of_the_cluster(world):
    # F1
    assert re.fullmatch(rf"https://oidc\.eks\.{REGION}\.amazonaws\.com/id/[0-9A-F]{{32}}", world.issuer)
    discovery = world.fetch(world.issuer + "/.well-known/openid-configuration")
    assert discovery["issuer"] == world.issuer and discovery["jwks_uri"].startswith(world.issuer + "/")
    assert world.fetch(discovery["jwks_uri"])["keys"][0]["alg"] == "RS256"
    # F2
    arn, thumbprint, tags = associate(world)
    assert arn == world.provider
    ca = ssl.PEM_cert_to_DER_cert(pathlib.Path(world.server.env["caBundle"]).read_text())
    assert thumbprint == hashlib.sha1(ca).hexdigest(), "the thumbprint outlives the server's own key"
    assert world.client("eks").describe_cluster(name="flyte")["cluster"]["tags"] == {"alpha.eksctl.io/cluster-oidc-enabled": "true"}
    # F3
    iam = world.client("iam")
    assert [p["Arn"] for p in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]] == [arn]
    provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert "https://" + provider["Url"] == world.issuer and provider["ClientIDList"] == ["sts.amazonaws.com"]
    assert provider["ThumbprintList"] == [thumbprint] and provider["Tags"] == tags
    # Once more it is there already.
    with pytest.raises(ClientError) as again:
        iam.create_open_id_connect_provider(Url=world.issuer, ClientIDList=["sts.amazonaws.com"], ThumbprintList=[thumbprint])
    assert again.value.response["Error"]["Code"] == "EntityAlreadyExists"


@pytest.mark.skipif(not shutil.which("aws"), reason="there is no AWS CLI")
def test_the_policy_and_the_role(world, tmp_path):
    # F4, F5
    file = tmp_path / "flyte-IAM-policy.json"
    file.write_text((DOCUMENTS / "policy.json").read_text().replace("<your-S3-bucket>", "flyte-data"))
    policy = world.aws("iam", "create-policy", "--policy-name", "flyte-custom-policy", "--policy-document", f"file://{file}")["Policy"]
    # F6: what the page prints, and nothing else.
    assert list(policy) == ["PolicyName", "PolicyId", "Arn", "Path", "DefaultVersionId", "AttachmentCount", "PermissionsBoundaryUsageCount", "IsAttachable", "CreateDate", "UpdateDate"]
    assert policy["PolicyId"].startswith("ANPA") and policy["Arn"] == f"arn:aws:iam::{world.account}:policy/flyte-custom-policy"
    assert (policy["DefaultVersionId"], policy["AttachmentCount"], policy["IsAttachable"], policy["Path"]) == ("v1", 0, True, "/")
    # F7: the role that eksctl's stack makes.
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": world.provider}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{world.host_and_path}:sub": "system:serviceaccount:flyte:flyte-backend-flyte-binary",
                                       f"{world.host_and_path}:aud": "sts.amazonaws.com"}}}]}
    iam = world.client("iam")
    role = iam.create_role(RoleName="flyte-system-role", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="flyte-system-role", PolicyArn=policy["Arn"])
    # F8: read back as the page prints it.
    assert world.aws("iam", "get-role", "--role-name", "flyte-system-role", query="Role.AssumeRolePolicyDocument") == trust
    sts = world.client("sts", signed=False)
    token = world.pod_token("flyte", "flyte-backend-flyte-binary")
    session = sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="pod", WebIdentityToken=token)
    assert session["Provider"] == world.provider and session["SubjectFromWebIdentityToken"] == "system:serviceaccount:flyte:flyte-backend-flyte-binary"
    # The page's own example names us-east-1 in the key of :sub: elsewhere the key is not there, and nobody is let in (M28).
    page = (DOCUMENTS / "system-trust.json").read_text()
    assert "oidc.eks.us-east-1.amazonaws.com/id/<UUID-OIDC>:sub" in page
    page = page.replace("<AWS-ACCOUNT>", world.account).replace("<region-code>", REGION).replace("<UUID-OIDC>", world.issuer.rsplit("/", 1)[1])
    iam.update_assume_role_policy(RoleName="flyte-system-role", PolicyDocument=page)
    with pytest.raises(ClientError) as refused:
        sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="pod", WebIdentityToken=token)
    assert refused.value.response["Error"]["Code"] == "AccessDenied"
