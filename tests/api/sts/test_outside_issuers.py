"""AssumeRoleWithWebIdentity with issuers that are not this server's: their documents come over verified TLS.

The issuers are small HTTPS servers of this test; `--issuer-address` says where their names are found, and `--issuer-ca` whom
to trust. Codes: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
"""

import json
import time

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from runner.issuer import AUDIENCE, HOST, Authority, Issuer, Key, reply
from runner.server import Gatehouse


class World:
    """A server that finds the issuer, a provider for it and a role that trusts it."""

    def __init__(self, issuer, *options, thumbprints=("0" * 40,)):
        self.issuer = issuer
        self.server = Gatehouse("--issuer-address", f"{issuer.host}=127.0.0.1:{issuer.port}", *options)
        env = self.server.env
        self.sts = boto3.client("sts", endpoint_url=env["endpoint"], region_name="us-east-1", config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0}))
        self.iam = boto3.client("iam", endpoint_url=env["endpoint"], region_name="us-east-1", aws_access_key_id=env["accessKeyId"], aws_secret_access_key=env["secretAccessKey"])
        self.iam.create_open_id_connect_provider(Url=f"https://{issuer.host}:443/", ClientIDList=[AUDIENCE], ThumbprintList=list(thumbprints))
        provider = f"arn:aws:iam::{env['account']}:oidc-provider/{issuer.host}"
        trust = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Federated": provider}, "Action": ["sts:AssumeRoleWithWebIdentity"],
            "Condition": {"StringEquals": {f"{issuer.host}:aud": AUDIENCE, f"{issuer.host}:sub": "repo:x"}}}]}
        self.role = self.iam.create_role(RoleName="outside", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]

    def assume(self, token):
        return self.sts.assume_role_with_web_identity(RoleArn=self.role, RoleSessionName="out", WebIdentityToken=token)

    def client(self, service, answer):
        c = answer["Credentials"]
        return boto3.client(service, endpoint_url=self.server.env["endpoint"], region_name="us-east-1", aws_access_key_id=c["AccessKeyId"],
                            aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"], config=Config(retries={"max_attempts": 0}))

    def refused(self, token):
        with pytest.raises(ClientError) as refusal:
            self.assume(token)
        return refusal.value.response["Error"]["Code"], refusal.value.response["Error"]["Message"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "trusted")


@pytest.fixture
def issuer(authority):
    made = Issuer(authority.certificate(HOST))
    yield made
    made.close()


@pytest.fixture
def world(issuer, authority):
    made = World(issuer, "--issuer-ca", str(authority.pem))
    yield made
    made.server.stop()


UNUSABLE = ("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider")


def is_unusable(refusal):
    return refusal[0] == UNUSABLE[0] and refusal[1].startswith(UNUSABLE[1])


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_of_an_outside_issuer_is_accepted(world, issuer, tmp_path, algorithm):
    key = Key(tmp_path, "one", algorithm)
    issuer.keys = [key]
    answer = world.assume(issuer.token(key))
    assert answer["SubjectFromWebIdentityToken"] == "repo:x" and answer["Audience"] == AUDIENCE
    assert answer["Provider"].endswith(f"oidc-provider/{HOST}")
    # Its documents are fetched once and kept.
    world.assume(issuer.token(key))
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]


def test_what_the_token_says_still_counts(world, issuer, tmp_path):
    key, other = Key(tmp_path, "one"), Key(tmp_path, "two")
    issuer.keys = [key]
    assert world.refused(issuer.token(key, sub="repo:y"))[0] == "AccessDenied"
    assert world.refused(issuer.token(key, aud="elsewhere")) == ("InvalidIdentityToken", "Incorrect token audience")
    assert world.refused(issuer.token(key, exp=int(time.time()) - 3600))[0] == "ExpiredTokenException"
    other.kid = "one"
    assert world.refused(issuer.token(other))[0] == "InvalidIdentityToken"


def test_tags_and_source_identity_of_the_token(world, issuer, tmp_path):
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp"""
    key = Key(tmp_path, "one")
    issuer.keys = [key]
    nested = {"https://aws.amazon.com/tags": {"principal_tags": {"Project": ["Automation"], "Team": ["blue"]}, "transitive_tag_keys": ["Project"]}}
    flat = {"https://aws.amazon.com/tags/principal_tags/Project": "Automation", "https://aws.amazon.com/tags/transitive_tag_keys": ["Project"]}
    named = {"https://aws.amazon.com/source_identity": "jo"}
    # Each needs a permission of its own in the trust policy.
    for claims, action in ((nested, "sts:TagSession"), (flat, "sts:TagSession"), (named, "sts:SetSourceIdentity")):
        code, message = world.refused(issuer.token(key, **claims))
        assert code == "AccessDenied" and f"Not authorized to perform {action}" in message
    trust = world.iam.get_role(RoleName="outside")["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Action"] += ["sts:TagSession", "sts:SetSourceIdentity"]
    trust["Statement"][0]["Condition"]["StringEqualsIfExists"] = {"aws:RequestTag/Project": "Automation", "sts:SourceIdentity": "jo"}
    world.iam.update_assume_role_policy(RoleName="outside", PolicyDocument=json.dumps(trust))
    allowed = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/Project": "Automation"}}},
        {"Effect": "Deny", "Action": "s3:ListAllMyBuckets", "Resource": "*", "Condition": {"StringNotEquals": {"aws:SourceIdentity": "jo"}}},
        {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], "Resource": "*"}]}
    world.iam.put_role_policy(RoleName="outside", PolicyName="p", PolicyDocument=json.dumps(allowed))

    for claims in (nested, flat):
        answer = world.assume(issuer.token(key, **claims, **named))
        assert answer["SourceIdentity"] == "jo"
        world.client("s3", answer).list_buckets()
    with pytest.raises(ClientError):
        world.client("s3", world.assume(issuer.token(key, **nested))).list_buckets()
    assert world.refused(issuer.token(key, **{"https://aws.amazon.com/source_identity": "mallory"}))[0] == "AccessDenied"
    assert world.refused(issuer.token(key, **{"https://aws.amazon.com/tags": {"principal_tags": {"Project": ["Other"]}}}))[0] == "AccessDenied"

    # Role chaining: what is transitive goes on, and so does the source identity, which cannot be changed.
    second = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": world.role}, "Action": ["sts:AssumeRole", "sts:TagSession"]}]}
    role = world.iam.create_role(RoleName="second", AssumeRolePolicyDocument=json.dumps(second))["Role"]["Arn"]
    world.iam.put_role_policy(RoleName="second", PolicyName="p", PolicyDocument=json.dumps(allowed))
    chained = world.client("sts", world.assume(issuer.token(key, **nested, **named)))
    with pytest.raises(ClientError, match="sts:SetSourceIdentity"):
        chained.assume_role(RoleArn=role, RoleSessionName="second")
    second["Statement"][0]["Action"].append("sts:SetSourceIdentity")
    second["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceIdentity": "jo", "sts:SourceIdentity": "jo"}}
    world.iam.update_assume_role_policy(RoleName="second", PolicyDocument=json.dumps(second))
    world.client("s3", chained.assume_role(RoleArn=role, RoleSessionName="second")).list_buckets()
    with pytest.raises(ClientError, match="source identity"):
        chained.assume_role(RoleArn=role, RoleSessionName="second", SourceIdentity="mallory")


@pytest.mark.parametrize("claims", [
    {"https://aws.amazon.com/tags": "Project"},
    {"https://aws.amazon.com/tags": {"principal_tags": {"Project": ["a", "b"]}}},
    {"https://aws.amazon.com/tags": {"principal_tags": {"Project": 1}}},
    {"https://aws.amazon.com/tags": {"principal_tags": {"k" * 129: "v"}}},
    {"https://aws.amazon.com/tags": {"principal_tags": {"k": "v" * 257}}},
    {"https://aws.amazon.com/tags": {"principal_tags": {f"k{i}": "v" for i in range(51)}}},
    {"https://aws.amazon.com/tags/transitive_tag_keys": "Project"},
    {"https://aws.amazon.com/source_identity": ["a", "b"]},
    {"https://aws.amazon.com/source_identity": "has blanks in it"},
    {"https://aws.amazon.com/source_identity": "x"}], ids=str)
def test_claims_that_are_none(world, issuer, tmp_path, claims):
    key = Key(tmp_path, "one")
    issuer.keys = [key]
    assert world.refused(issuer.token(key, **claims))[0] in ("InvalidIdentityToken", "ValidationError")


def test_a_key_that_is_not_in_the_set_is_refused(world, issuer, tmp_path):
    issuer.keys = [Key(tmp_path, "one")]
    assert is_unusable(world.refused(issuer.token(Key(tmp_path, "two"))))


def test_nobody_vouches_for_the_certificate(issuer, tmp_path):
    key = Key(tmp_path, "one")
    issuer.keys = [key]
    world = World(issuer)
    try:
        assert is_unusable(world.refused(issuer.token(key)))
        assert issuer.asked == []
    finally:
        world.server.stop()


def test_a_thumbprint_of_the_authority_vouches_for_it(issuer, authority, tmp_path):
    key = Key(tmp_path, "one")
    issuer.keys = [key]
    world = World(issuer, thumbprints=[authority.thumbprint().upper()])
    try:
        world.assume(issuer.token(key))
    finally:
        world.server.stop()


def test_a_certificate_of_another_name_is_refused(authority, tmp_path):
    issuer = Issuer(authority.certificate("other.example.org"))
    key = Key(tmp_path, "one")
    issuer.keys = [key]
    world = World(issuer, "--issuer-ca", str(authority.pem), thumbprints=[authority.thumbprint()])
    try:
        assert is_unusable(world.refused(issuer.token(key)))
    finally:
        world.server.stop()
        issuer.close()


def slow(handler):
    time.sleep(8)
    reply(handler, 200, b"{}")


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 65536)
    except OSError:
        pass


DISCOVERY, KEYS = "/.well-known/openid-configuration", "/keys"
LIES = {
    "of-another-issuer": (DISCOVERY, lambda h: reply(h, 200, json.dumps({"issuer": "https://evil.example.org", "jwks_uri": f"https://{HOST}/keys"}).encode())),
    "keys-in-clear": (DISCOVERY, lambda h: reply(h, 200, json.dumps({"issuer": f"https://{HOST}", "jwks_uri": f"http://{HOST}/keys"}).encode())),
    "keys-at-a-private-address": (DISCOVERY, lambda h: reply(h, 200, json.dumps({"issuer": f"https://{HOST}", "jwks_uri": "https://127.0.0.1:1/keys"}).encode())),
    "no-keys": (DISCOVERY, lambda h: reply(h, 200, json.dumps({"issuer": f"https://{HOST}"}).encode())),
    "not-json": (DISCOVERY, lambda h: reply(h, 200, b"<html>")),
    "redirects": (DISCOVERY, lambda h: reply(h, 302, b"", Location=f"https://{HOST}/elsewhere")),
    "not-found": (DISCOVERY, lambda h: reply(h, 404, b"")),
    "huge": (DISCOVERY, endless),
    "keys-not-a-set": (KEYS, lambda h: reply(h, 200, b'{"keys": 1}')),
    "keys-huge": (KEYS, endless),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_issuer_that_answers_amiss(world, issuer, tmp_path, lie):
    key = Key(tmp_path, "one")
    issuer.keys = [key]
    path, act = LIES[lie]
    issuer.misbehave[path] = act
    assert is_unusable(world.refused(issuer.token(key)))
    # The failure is remembered for a moment: the second refusal asks nobody.
    asked = list(issuer.asked)
    assert is_unusable(world.refused(issuer.token(key)))
    assert issuer.asked == asked


def test_an_issuer_that_does_not_answer_in_time(world, issuer, tmp_path):
    key = Key(tmp_path, "one")
    issuer.misbehave[DISCOVERY] = slow
    assert world.refused(issuer.token(key))[0] == "IDPCommunicationError"


def test_an_issuer_that_is_not_there(issuer, authority, tmp_path):
    key = Key(tmp_path, "one")
    world = World(issuer, "--issuer-ca", str(authority.pem))
    issuer.close()
    try:
        assert world.refused(issuer.token(key))[0] == "IDPCommunicationError"
    finally:
        world.server.stop()


def test_a_name_that_leads_to_a_private_address_is_not_followed(world, issuer, tmp_path):
    key = Key(tmp_path, "one")
    issuer.keys = [key]
    world.iam.create_open_id_connect_provider(Url="https://localhost", ClientIDList=[AUDIENCE], ThumbprintList=["0" * 40])
    assert is_unusable(world.refused(issuer.token(key, iss="https://localhost")))
    world.assume(issuer.token(key))  # found where the administrator said
