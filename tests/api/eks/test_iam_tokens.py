"""IAM tokens that a cluster must refuse, each signed over just what is wrong with it: 401 and Kubernetes' Status.

What is checked, in which order: pkg/token of https://github.com/kubernetes-sigs/aws-iam-authenticator
"""

import base64
import datetime
import hashlib
import hmac
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request

import boto3
import pytest
from botocore.config import Config
from runner.server import Gatehouse


class Signer:
    def __init__(self, key_id, secret):
        self.key_id, self.secret = key_id, secret

    def token(self, cluster="lake", host="sts.us-east-1.amazonaws.com", scheme="https", path="/", age=0, expires="60", action="GetCallerIdentity",
              headers="host;x-k8s-aws-id", more=(), again=(), prefix="k8s-aws-v1."):
        """`more` parameters are signed, `again` ones are added afterwards."""
        when = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age)).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{when[:8]}/us-east-1/sts/aws4_request"
        query = sorted([("Action", action), ("Version", "2011-06-15"), ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
                        ("X-Amz-Credential", f"{self.key_id}/{scope}"), ("X-Amz-Date", when), ("X-Amz-Expires", expires),
                        ("X-Amz-SignedHeaders", headers), *more])
        query = "&".join(f"{urllib.parse.quote(k, '')}={urllib.parse.quote(v, '')}" for k, v in query)
        values = {"host": host, "x-k8s-aws-id": cluster}
        canonical = "\n".join(["GET", path, query, *(f"{h}:{values[h]}" for h in headers.split(";")), "", headers, hashlib.sha256(b"").hexdigest()])
        to_sign = "\n".join(["AWS4-HMAC-SHA256", when, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.secret).encode()
        for part in (*scope.split("/"), to_sign):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        extra = "".join(f"&{k}={v}" for k, v in again)
        url = f"{scheme}://{host}{path}?{query}&X-Amz-Signature={key.hex()}{extra}"
        return prefix + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


class World:
    def __init__(self):
        self.server = Gatehouse()
        env = self.server.env
        keys = {"aws_access_key_id": env["accessKeyId"], "aws_secret_access_key": env["secretAccessKey"]}
        self.client = lambda name: boto3.client(name, endpoint_url=env["endpoint"], region_name="us-east-1", config=Config(retries={"max_attempts": 0}), **keys)
        trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
        role = self.client("iam").create_role(RoleName="cluster", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        subnets = [s["SubnetId"] for s in self.client("ec2").describe_subnets()["Subnets"][:2]]
        for name in ("lake", "other"):
            self.client("eks").create_cluster(name=name, roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
        cluster = self.client("eks").describe_cluster(name="lake")["cluster"]
        self.url = cluster["endpoint"]
        self.tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificateAuthority"]["data"]).decode())
        self.signer = Signer(env["accessKeyId"], env["secretAccessKey"])

    def get(self, token, url=None, path="/api/v1/namespaces", body=None):
        headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
        request = urllib.request.Request((url or self.url) + path, json.dumps(body).encode() if body else None, headers)
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


@pytest.fixture(scope="module")
def world():
    made = World()
    yield made
    made.server.stop()


GOOD = {
    "regional": {}, "global": {"host": "sts.amazonaws.com"}, "fips": {"host": "sts-fips.us-west-2.amazonaws.com"}, "dual-stack": {"host": "sts.eu-west-1.api.aws"},
    # The token serves for 15 minutes, whatever X-Amz-Expires says.
    "old": {"age": 14 * 60}, "zero": {"expires": "0"}, "longest": {"expires": "900"},
}
BAD = {
    "foreign-host": {"host": "sts.example.org"}, "look-alike": {"host": "sts.us-east-1.amazonaws.com.example.org"}, "other-service": {"host": "s3.us-east-1.amazonaws.com"},
    "port": {"host": "sts.us-east-1.amazonaws.com:8443"}, "in-clear": {"scheme": "http"}, "path": {"path": "/x"},
    "extra": {"more": (("Extra", "1"),)}, "extra-header-parameter": {"more": (("X-Amz-Extra", "1"),)},
    "doubled": {"again": (("Action", "GetCallerIdentity"),)}, "doubled-in-another-case": {"again": (("action", "GetSessionToken"),)},
    "doubled-date": {"again": (("X-Amz-Date", "20200101T000000Z"),)},
    "action": {"action": "GetSessionToken"}, "expired": {"age": 16 * 60}, "future": {"age": -3600},
    "expires-too-long": {"expires": "901"}, "expires-negative": {"expires": "-1"}, "expires-nonsense": {"expires": "soon"},
    "cluster-not-signed": {"headers": "host"}, "other-cluster": {"cluster": "other"}, "other-case": {"cluster": "LAKE"},
    "prefix": {"prefix": "k8s-aws-v2."}, "too-long": {"again": (("x", "y" * 4096),)},
}


@pytest.mark.parametrize("case", GOOD)
def test_good_tokens(world, case):
    assert world.get(world.signer.token(**GOOD[case]))[0] == 200


@pytest.mark.parametrize("case", BAD)
def test_bad_tokens(world, case):
    unauthorized(world.get(world.signer.token(**BAD[case])))


def unauthorized(answer):
    status, body = answer
    assert status == 401
    assert body == {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "Unauthorized", "reason": "Unauthorized", "code": 401}


def test_signatures_and_keys_that_do_not_hold(world):
    unauthorized(world.get(Signer(world.signer.key_id, "wrong").token()))
    unauthorized(world.get(Signer("AKIAAAAAAAAAAAAAAAAA", "x").token()))
    good = world.signer.token()
    for token in ("k8s-aws-v1.", "k8s-aws-v1.!!!", good[:-2], good + ".x", "k8s-aws-v1." + base64.urlsafe_b64encode(b"https://sts.amazonaws.com/").decode()):
        unauthorized(world.get(token))


def test_a_key_made_inactive_and_a_user_deleted(world):
    iam = world.client("iam")
    arn = iam.create_user(UserName="eve")["User"]["Arn"]
    key = iam.create_access_key(UserName="eve")["AccessKey"]
    token = Signer(key["AccessKeyId"], key["SecretAccessKey"]).token()
    unauthorized(world.get(token))  # mapped to nobody
    mapping = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth"},
               "data": {"mapUsers": f"- userarn: {arn}\n  username: eve\n  groups: [system:masters]\n"}}
    assert world.get(world.signer.token(), path="/api/v1/namespaces/kube-system/configmaps", body=mapping)[0] == 201
    assert world.get(token)[0] == 200
    iam.update_access_key(UserName="eve", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    unauthorized(world.get(token))


def test_a_cluster_that_is_gone_or_never_was(world):
    eks = world.client("eks")
    role = eks.describe_cluster(name="lake")["cluster"]["roleArn"]
    subnets = eks.describe_cluster(name="lake")["cluster"]["resourcesVpcConfig"]["subnetIds"]
    url = eks.create_cluster(name="gone", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})["cluster"]["endpoint"]
    token = world.signer.token(cluster="gone")
    assert world.get(token, url)[0] == 200
    watch = urllib.request.Request(url + "/api/v1/namespaces?watch=true", headers={"Authorization": "Bearer " + token})
    with urllib.request.urlopen(watch, context=world.tls, timeout=20) as stream:
        eks.delete_cluster(name="gone")
        assert b"DELETED" in stream.read()  # and the stream ends
    unauthorized(world.get(token, url))
    unauthorized(world.get(token, url[:-32] + "0" * 32))
