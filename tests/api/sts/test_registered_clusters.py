"""Clusters elsewhere, registered by `gatehouse cluster register`: STS takes their service accounts' tokens, and their
kube-apiserver learns by webhook who the bearer of an `aws eks get-token` is.

The cluster is a stand-in: an issuer served over TLS as a kube-apiserver serves it (its key set under an address, as
--advertise-address makes it), and TokenReviews as one sends them.
https://kubernetes.io/docs/reference/access-authn-authz/authentication/#webhook-token-authentication
"""

import base64
import json
import ssl
import urllib.error
import urllib.request

import boto3
import pytest
import yaml
from botocore import UNSIGNED
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from runner.clients import bearer_of, cluster_token
from runner.issuer import AUDIENCE, Authority, Issuer, Key, reply
from runner.server import Gatehouse

ISSUER = "kubernetes.default.svc.cluster.local"
SUBJECT = "system:serviceaccount:ns1:sdc"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "kubernetes")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture(scope="module")
def certificate(authority):
    return authority.certificate(ISSUER, "172.18.0.2")


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return Key(tmp_path_factory.mktemp("key"), "one")


@pytest.fixture
def issuer(certificate, key):
    made = Issuer(certificate, ISSUER)
    made.jwks_uri = "https://172.18.0.2:6443/keys"
    made.keys = [key]
    yield made
    made.close()


@pytest.fixture(scope="module")
def server():
    made = Gatehouse()
    env = made.env
    made.iam = client(made, "iam", Credentials(env["accessKeyId"], env["secretAccessKey"]))
    made.iam.create_open_id_connect_provider(Url=f"https://{ISSUER}", ClientIDList=[AUDIENCE], ThumbprintList=["0" * 40])
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": f"arn:aws:iam::{env['account']}:oidc-provider/{ISSUER}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": SUBJECT}}}]}
    made.role = made.iam.create_role(RoleName="sdc", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def nothing_registered(server):
    yield
    for one in json.loads(server.run(["cluster", "list", "--data", server.data, "--output", "json"]).stdout):
        assert server.run(["cluster", "deregister", one["name"], "--data", server.data]).returncode == 0


def client(server, service, credentials=None):
    keys = {} if credentials is None else {"aws_access_key_id": credentials.access_key, "aws_secret_access_key": credentials.secret_key,
                                           "aws_session_token": credentials.token}
    config = Config(retries={"max_attempts": 0}, signature_version=None if credentials else UNSIGNED)
    return boto3.client(service, endpoint_url=server.env["endpoint"], region_name="us-east-1", config=config, **keys)


def command(server, *arguments):
    return server.run(["cluster", *arguments, "--data", server.data])


def register(server, issuer, *options, name="kind"):
    return command(server, "register", "--issuer", f"https://{ISSUER}", "--name", name, "--output", "json",
                   *(("--address", f"127.0.0.1:{issuer.port}") if issuer else ()), *options)


def assume(server, issuer, key, subject=SUBJECT):
    return client(server, "sts").assume_role_with_web_identity(
        RoleArn=server.role, RoleSessionName="pod", WebIdentityToken=issuer.token(key, sub=subject))


def refused(server, issuer, key, **claims):
    with pytest.raises(ClientError) as refusal:
        assume(server, issuer, key, **claims)
    return refusal.value.response["Error"]["Code"]


def test_its_tokens_are_taken(server, issuer, key, authority):
    # A name that leads nowhere, or to an address that is not public: not asked before it is registered.
    assert refused(server, issuer, key) in ("IDPCommunicationError", "InvalidIdentityToken")
    done = register(server, issuer, "--ca", str(authority.pem))
    assert done.returncode == 0, done.stderr
    about = json.loads(done.stdout)
    assert about["provider"] == ISSUER and about["name"] == "kind" and about["warnings"] == []
    assert assume(server, issuer, key)["SubjectFromWebIdentityToken"] == SUBJECT
    # Registering gives no permission: the role's trust still counts.
    assert refused(server, issuer, key, subject="system:serviceaccount:ns1:other") == "AccessDenied"
    assert command(server, "list").stdout.split() == ["kind", f"https://{ISSUER}"]
    assert command(server, "deregister", "kind").returncode == 0
    assert refused(server, issuer, key) in ("IDPCommunicationError", "InvalidIdentityToken")
    gone = command(server, "deregister", "kind")
    assert gone.returncode == 2 and "no cluster is registered as kind" in gone.stderr


def test_a_registration_outlives_the_server(issuer, key, authority):
    first = Gatehouse()
    try:
        assert register(first, issuer, "--ca", str(authority.pem)).returncode == 0
        first.process.terminate()
        first.process.wait(10)
        first.start()
        assert command(first, "list").stdout.split() == ["kind", f"https://{ISSUER}"]
    finally:
        first.stop()


def test_keys_can_be_given(server, issuer, key, tmp_path):
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [key.jwk()]}))
    assert register(server, None, "--jwks", str(file)).returncode == 0
    assert assume(server, issuer, key)["SubjectFromWebIdentityToken"] == SUBJECT
    assert issuer.asked == []
    file.write_text(json.dumps({"keys": [Key(tmp_path, "two").jwk()]}))
    assert register(server, None, "--jwks", str(file)).returncode == 0  # the same again: replaced
    assert refused(server, issuer, key) == "InvalidIdentityToken"
    file.write_text("{}")
    bad = register(server, None, "--jwks", str(file))
    assert bad.returncode == 2 and "the key set is unusable" in bad.stderr


WRONG = {
    "http": (["--issuer", "http://kubernetes.example.org"], "begins with https://"),
    "port": (["--issuer", "https://kubernetes.example.org:6443"], "IAM takes no issuer with a port"),
    "query": (["--issuer", "https://kubernetes.example.org/?a=b"], "is not an issuer's URL"),
    "empty": (["--issuer", "https://"], "is not an issuer's URL"),
    "name": (["--issuer", "https://kubernetes.example.org", "--name", "a/b"], "is not a cluster's name"),
    "address": (["--issuer", "https://kubernetes.example.org", "--address", "kind:6443"], "is not an IP address and a port"),
    "no-port": (["--issuer", "https://kubernetes.example.org", "--address", "127.0.0.1"], "is not an IP address and a port"),
    "private": (["--issuer", "https://localhost"], "leads to"),
    "no-ca": (["--issuer", "https://kubernetes.example.org", "--ca", "/nowhere"], "does not exist"),
    "ca": (["--issuer", "https://kubernetes.example.org", "--ca", __file__], "not a file of certificates in PEM"),
    "aws-auth": (["--issuer", "https://kubernetes.example.org", "--aws-auth", __file__], "the manifest is not YAML"),
    "nothing": ([], "--issuer is required"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_registered(server, case):
    arguments, why = WRONG[case]
    done = command(server, "register", *arguments)
    assert done.returncode == 2 and why in done.stderr, done.stderr
    assert command(server, "list").stdout == ""


def answer(status, body):
    return lambda handler: reply(handler, status, body)


DISCOVERY = "/.well-known/openid-configuration"
AMISS = {
    "not-json": (DISCOVERY, answer(200, b"<html>"), "is not a JSON object"),
    "forbidden": (DISCOVERY, answer(403, b"{}"), "answers 403"),
    "another": (DISCOVERY, answer(200, b'{"issuer": "https://other.example.org", "jwks_uri": "https://other.example.org/keys"}'), "is of https://other.example.org"),
    "keys": ("/keys", answer(200, b'{"keys": [}'), "its key set is unusable"),
}


@pytest.mark.parametrize("case", AMISS)
def test_an_issuer_that_answers_amiss_is_not_registered(server, issuer, authority, case):
    path, act, why = AMISS[case]
    issuer.misbehave[path] = act
    done = register(server, issuer, "--ca", str(authority.pem))
    assert done.returncode == 2 and why in done.stderr, done.stderr
    assert command(server, "list").stdout == ""


def test_the_wrong_authority_and_nobody_there(server, issuer, authority, stranger):
    done = register(server, issuer, "--ca", str(stranger.pem))
    assert done.returncode == 2 and "certificate" in done.stderr
    assert register(server, issuer).returncode == 2 and issuer.asked == []
    port = issuer.port
    issuer.close()
    done = command(server, "register", "--issuer", f"https://{ISSUER}", "--address", f"127.0.0.1:{port}", "--ca", str(authority.pem))
    assert done.returncode == 2 and "cannot be had from here" in done.stderr


def test_names_and_issuers_are_taken_once(server, issuer, authority):
    ca = ("--ca", str(authority.pem))
    assert register(server, issuer, *ca).returncode == 0
    other = register(server, issuer, *ca, name="other")
    assert other.returncode == 2 and "kind is registered already" in other.stderr
    done = command(server, "register", "--issuer", "https://other.example.org", "--name", "kind", *ca)
    assert done.returncode == 2 and "kind is registered already" in done.stderr


# The token webhook.


class Webhook:
    """What a kube-apiserver does with the file of --authentication-token-webhook-config-file."""

    def __init__(self, config):
        cluster = yaml.safe_load(config)["clusters"][0]["cluster"]
        self.url = cluster["server"]
        self.tls = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())

    def review(self, token, version="v1beta1"):
        body = {"kind": "TokenReview", "apiVersion": f"authentication.k8s.io/{version}", "metadata": {"creationTimestamp": None},
                "spec": {"token": token, "audiences": ["https://kubernetes.default.svc.cluster.local"]}, "status": {"user": {}}}
        return self.post(json.dumps(body).encode())

    def post(self, body, url=None, method="POST"):
        request = urllib.request.Request(url or self.url + "?timeout=30s", data=body, method=method, headers={
            "Content-Type": "application/json", "Accept": "application/json, */*", "User-Agent": "kube-apiserver/v1.33.0 (linux/amd64) kubernetes"})
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=20) as done:
                return done.status, json.load(done)
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text) if text.startswith(b"{") else text.decode()


class Principals:
    def __init__(self, server):
        account, iam = server.env["account"], server.iam
        self.root = Credentials(server.env["accessKeyId"], server.env["secretAccessKey"])
        iam.create_user(UserName="ann")
        made = iam.create_access_key(UserName="ann")["AccessKey"]
        self.ann = Credentials(made["AccessKeyId"], made["SecretAccessKey"])
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:user/ann"}, "Action": "sts:AssumeRole"}]}
        role = iam.create_role(RoleName="vendor", Path="/team/", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        session = client(server, "sts", self.ann).assume_role(RoleArn=role["Arn"], RoleSessionName="me@x")
        c = session["Credentials"]
        self.vendor = Credentials(c["AccessKeyId"], c["SecretAccessKey"], c["SessionToken"])
        self.vendor_id = session["AssumedRoleUser"]["AssumedRoleId"]
        self.aws_auth = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth", "namespace": "kube-system"}, "data": {
            "mapRoles": f"- rolearn: arn:aws:iam::{account}:role/vendor\n  username: e6data-{{{{SessionName}}}}\n  groups: [readers]\n"}}


@pytest.fixture(scope="module")
def principals(server):
    return Principals(server)


@pytest.fixture
def webhook(server, issuer, authority, principals, tmp_path):
    file = tmp_path / "aws-auth.yaml"
    file.write_text(yaml.safe_dump(principals.aws_auth))
    done = register(server, issuer, "--ca", str(authority.pem), "--aws-auth", str(file))
    assert done.returncode == 0 and done.stderr == "", done.stderr
    config = command(server, "webhook-config", "kind")
    assert config.returncode == 0
    return Webhook(config.stdout)


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_the_webhook_says_who_it_is(server, webhook, principals, version):
    status, said = webhook.review(cluster_token("kind", principals.vendor, "us-east-1"), version)
    assert status == 200
    assert said["kind"] == "TokenReview" and said["apiVersion"] == f"authentication.k8s.io/{version}"
    account, role_id = server.env["account"], principals.vendor_id.split(":")[0]
    assert said["status"]["authenticated"] is True
    user = said["status"]["user"]
    assert user["username"] == "e6data-me-x" and user["groups"] == ["readers"]
    assert user["uid"] == f"aws-iam-authenticator:{account}:{role_id}"
    assert user["extra"]["canonicalArn"] == [f"arn:aws:iam::{account}:role/vendor"]
    assert user["extra"]["sessionName"] == ["me@x"]
    # Presigned for this server's own endpoint, as `aws` does with AWS_ENDPOINT_URL.
    own = server.env["httpsEndpoint"].removeprefix("https://")
    assert webhook.review(cluster_token("kind", principals.vendor, "us-east-1", own))[0] == 200


def test_who_is_refused(server, webhook, principals):
    good = cluster_token("kind", principals.vendor, "us-east-1")
    unknown = Credentials("AKIAAAAAAAAAAAAAAAAA", "x")
    tokens = {
        "ARN is not mapped: arn:aws:iam::123456789012:user/ann": cluster_token("kind", principals.ann, "us-east-1"),
        "ARN is not mapped: arn:aws:iam::123456789012:root": cluster_token("kind", principals.root, "us-east-1"),
        "SignatureDoesNotMatch": cluster_token("other", principals.vendor, "us-east-1"),
        "InvalidClientTokenId": cluster_token("kind", unknown, "us-east-1"),
        "unexpected hostname": cluster_token("kind", principals.vendor, "us-east-1", "sts.example.org"),
        "non-whitelisted query parameter": bearer_of("https://sts.amazonaws.com/?Action=GetCallerIdentity&Extra=1"),
        "token is missing expected": "eyJhbGciOiJSUzI1NiJ9.e30.x",
        "token is too large": good + "A" * 4096,
    }
    for why, token in tokens.items():
        status, said = webhook.review(token)
        assert status == 403 and said["status"]["authenticated"] is False and why in said["status"]["error"], (why, said)
        assert said["apiVersion"] == "authentication.k8s.io/v1beta1" and said["status"]["user"] == {}
    trail = server.run(["trail", "--data", server.data, "--output", "json"]).stdout.splitlines()
    events = [e for e in map(json.loads, trail) if e["eventName"] == "TokenReview" and "errorMessage" in e]
    assert [e for e in events if e["errorMessage"].endswith("user/ann")]


def test_what_is_no_token_review(server, webhook):
    for body in (b"", b"{", b"[]", b"null", b'{"kind": "Pod", "apiVersion": "v1"}', b'{"kind": "TokenReview", "apiVersion": "authentication.k8s.io/v2"}',
                 b"\xff" * 100, b"[" * 60000):
        assert webhook.post(body) == (400, "expected a request body to be a TokenReview\n")
    for spec in (b"1", b"{}", b'{"token": 1}', b"null"):
        assert webhook.post(b'{"kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1", "spec": %s}' % spec)[0] == 403
    assert webhook.post(b" " * (1 << 20))[0] == 413
    assert webhook.post(None, method="GET")[0] == 405
    base = webhook.url.removesuffix("kind/authenticate")
    for path in ("other/authenticate", "kind", "", "kind/authenticate/x", "/authenticate", "%2e%2e/authenticate"):
        assert webhook.post(b"{}", base + path)[0] == 404
    in_clear = webhook.post(b"{}", webhook.url.replace("https:", "http:"))
    assert in_clear == (400, "tokens are reviewed over TLS only\n")


def test_the_mapping_is_looked_over(server, issuer, authority, principals, tmp_path):
    file = tmp_path / "aws-auth.yaml"
    account = server.env["account"]
    file.write_text(yaml.safe_dump({**principals.aws_auth, "data": {"mapRoles": f"- rolearn: arn:aws:iam::{account}:role/team/vendor\n  username: v\n"}}))
    done = register(server, issuer, "--ca", str(authority.pem), "--aws-auth", str(file))
    assert done.returncode == 0 and "has a path" in done.stderr
    webhook = Webhook(command(server, "webhook-config", "kind").stdout)
    assert webhook.review(cluster_token("kind", principals.vendor, "us-east-1"))[0] == 403


def test_the_file_names_the_address_that_the_cluster_reaches(server, webhook):
    config = yaml.safe_load(command(server, "webhook-config", "kind", "--server", "https://172.18.0.1:4566").stdout)
    assert config["clusters"][0]["cluster"]["server"] == "https://172.18.0.1:4566/_gatehouse/clusters/kind/authenticate"
    assert config["current-context"] == config["contexts"][0]["name"]
    # It is wanted before the cluster is, and its keys can be had only then.
    early = command(server, "webhook-config", "later")
    assert early.returncode == 0 and "no cluster is registered as later yet" in early.stderr
    assert Webhook(early.stdout).review("x") == (404, "no cluster is registered by this name\n")
    assert command(server, "webhook-config", "a b").returncode == 2
