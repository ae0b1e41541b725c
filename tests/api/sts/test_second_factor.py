"""MFA devices: what GetSessionToken and AssumeRole prove with a code, and what policies make of it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
"""

import base64
import hashlib
import hmac
import json
import struct
import threading
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from runner.server import Gatehouse

STEP = 30


class Device:
    """A virtual device as an authenticator has it: RFC 6238."""

    def __init__(self, answer):
        self.serial = answer["SerialNumber"]
        self.seed = base64.b32decode(answer["Base32StringSeed"])

    def code(self, steps=0):
        digest = hmac.new(self.seed, struct.pack(">Q", int(time.time()) // STEP + steps), hashlib.sha1).digest()
        at = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def statement(effect, action, condition=None):
    return {"Effect": effect, "Action": action, "Resource": "*", **({"Condition": condition} if condition else {})}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


NEEDS_FACTOR = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


class World:
    def __init__(self):
        self.server = Gatehouse()
        env = self.server.env
        self.endpoint, self.account = env["endpoint"], env["account"]
        self.root = self.session(env["accessKeyId"], env["secretAccessKey"])
        iam = self.root("iam")
        self.user_arn = iam.create_user(UserName="ana")["User"]["Arn"]
        key = iam.create_access_key(UserName="ana")["AccessKey"]
        self.ana = self.session(key["AccessKeyId"], key["SecretAccessKey"])
        self.device = Device(iam.create_virtual_mfa_device(VirtualMFADeviceName="ana")["VirtualMFADevice"])
        self.allow(statement("Allow", ["s3:ListAllMyBuckets", "sts:AssumeRole"], NEEDS_FACTOR))

    def allow(self, *statements):
        self.root("iam").put_user_policy(UserName="ana", PolicyName="p", PolicyDocument=policy(*statements))

    def enable(self):
        # The codes are of the past, so that those of now and later are still good.
        self.root("iam").enable_mfa_device(UserName="ana", SerialNumber=self.device.serial,
                                           AuthenticationCode1=self.device.code(-3), AuthenticationCode2=self.device.code(-2))

    def session(self, key, secret, token=None):
        options = {"endpoint_url": self.endpoint, "region_name": "us-east-1", "aws_access_key_id": key, "aws_secret_access_key": secret,
                   "aws_session_token": token, "config": Config(retries={"max_attempts": 0})}
        return lambda service: boto3.client(service, **options)

    def with_credentials(self, answer):
        c = answer["Credentials"]
        return self.session(c["AccessKeyId"], c["SecretAccessKey"], c["SessionToken"])


@pytest.fixture
def world():
    made = World()
    yield made
    made.server.stop()


def refused(call, **arguments):
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    error = refusal.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_session_proven_by_a_device_meets_the_condition(world):
    world.enable()
    assert refused(world.ana("s3").list_buckets)[0] == "AccessDenied"
    plain = world.with_credentials(world.ana("sts").get_session_token())
    assert refused(plain("s3").list_buckets)[0] == "AccessDenied"
    proven = world.with_credentials(world.ana("sts").get_session_token(SerialNumber=world.device.serial, TokenCode=world.device.code()))
    proven("s3").list_buckets()
    # Such a session may call IAM, which plain temporary credentials of a user may not.
    world.allow(statement("Allow", "iam:GetUser"))
    assert proven("iam").get_user()["User"]["Arn"] == world.user_arn
    assert refused(plain("iam").get_user)[0] == "InvalidClientTokenId"


def test_the_age_counts_from_the_proof(world):
    world.enable()
    proven = world.with_credentials(world.ana("sts").get_session_token(SerialNumber=world.device.serial, TokenCode=world.device.code()))
    world.allow(statement("Allow", "s3:ListAllMyBuckets", {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}))
    proven("s3").list_buckets()
    world.allow(statement("Allow", "s3:ListAllMyBuckets", {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}))
    assert refused(proven("s3").list_buckets)[0] == "AccessDenied"
    # Without a proof there is no age.
    world.allow(statement("Allow", "s3:ListAllMyBuckets", {"Null": {"aws:MultiFactorAuthAge": "true"}}))
    assert refused(proven("s3").list_buckets)[0] == "AccessDenied"
    world.with_credentials(world.ana("sts").get_session_token())("s3").list_buckets()


def test_a_code_is_good_once(world):
    world.enable()
    sts, code = world.ana("sts"), world.device.code()
    sts.get_session_token(SerialNumber=world.device.serial, TokenCode=code)
    assert refused(sts.get_session_token, SerialNumber=world.device.serial, TokenCode=code) == (
        "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
    sts.get_session_token(SerialNumber=world.device.serial, TokenCode=world.device.code(1))


def test_of_many_at_once_one_has_the_code(world):
    world.enable()
    code, outcomes = world.device.code(), []

    def attempt():
        try:
            world.ana("sts").get_session_token(SerialNumber=world.device.serial, TokenCode=code)
            outcomes.append("proven")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["AccessDenied"] * 7 + ["proven"]


def test_what_proves_nothing(world):
    sts, unknown = world.ana("sts"), "unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
    # Not enabled for anybody yet.
    code, message = refused(sts.get_session_token, SerialNumber=world.device.serial, TokenCode=world.device.code())
    assert (code, message.endswith(unknown)) == ("AccessDenied", True)
    world.enable()
    code, message = refused(sts.get_session_token, SerialNumber=world.device.serial + "x", TokenCode=world.device.code())
    assert (code, message.endswith(unknown)) == ("AccessDenied", True)
    wrong = f"{(int(world.device.code()) + 1) % 1_000_000:06}"
    if wrong not in (world.device.code(-1), world.device.code(1)):
        assert "invalid MFA one time pass code" in refused(sts.get_session_token, SerialNumber=world.device.serial, TokenCode=wrong)[1]
    assert "invalid MFA one time pass code" in refused(sts.get_session_token, SerialNumber=world.device.serial, TokenCode=world.device.code(-8))[1]
    assert "must provide both MFA serial number and one time pass code" in refused(sts.get_session_token, SerialNumber=world.device.serial)[1]
    assert "must provide both" in refused(sts.get_session_token, TokenCode=world.device.code())[1]
    # Another user's device is nobody's proof.
    iam = world.root("iam")
    iam.create_user(UserName="bo")
    key = iam.create_access_key(UserName="bo")["AccessKey"]
    bo = world.session(key["AccessKeyId"], key["SecretAccessKey"])("sts")
    assert refused(bo.get_session_token, SerialNumber=world.device.serial, TokenCode=world.device.code())[1].endswith(unknown)


def test_a_role_whose_trust_asks_for_a_second_factor(world):
    world.enable()
    trust = {"Effect": "Allow", "Principal": {"AWS": world.user_arn}, "Action": "sts:AssumeRole",
             "Condition": {**NEEDS_FACTOR, "NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}}
    iam = world.root("iam")
    role = iam.create_role(RoleName="guarded", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="guarded", PolicyName="p", PolicyDocument=policy(statement("Allow", "s3:ListAllMyBuckets")))
    sts = world.ana("sts")
    assert refused(sts.assume_role, RoleArn=role, RoleSessionName="ss")[0] == "AccessDenied"
    assert "one time pass code" in refused(sts.assume_role, RoleArn=role, RoleSessionName="ss", SerialNumber=world.device.serial, TokenCode="000000")[1]
    session = world.with_credentials(sts.assume_role(RoleArn=role, RoleSessionName="ss", SerialNumber=world.device.serial, TokenCode=world.device.code()))
    session("s3").list_buckets()
    # The proof was for the call: the role's session has none.
    iam.put_role_policy(RoleName="guarded", PolicyName="p", PolicyDocument=policy(statement("Allow", "s3:ListAllMyBuckets", NEEDS_FACTOR)))
    assert refused(session("s3").list_buckets)[0] == "AccessDenied"
    # A session proven before opens the door too.
    proven = world.with_credentials(sts.get_session_token(SerialNumber=world.device.serial, TokenCode=world.device.code(1)))
    proven("sts").assume_role(RoleArn=role, RoleSessionName="ss")


def test_a_code_of_a_refused_call_is_not_spent(world):
    world.enable()
    code = world.device.code()
    missing = f"arn:aws:iam::{world.account}:role/missing"
    sts = world.ana("sts")
    assert "not authorized to perform: sts:AssumeRole" in refused(sts.assume_role, RoleArn=missing, RoleSessionName="ss", SerialNumber=world.device.serial, TokenCode=code)[1]
    sts.get_session_token(SerialNumber=world.device.serial, TokenCode=code)
