"""What IAM does that a script cannot show: real certificates and codes, races, the simulator beside real calls."""

import base64
import concurrent.futures
import csv
import hashlib
import hmac
import io
import json
import random
import struct
import subprocess
import time

import botocore.exceptions
import botocore.session
import pytest

from runner import server

if server.os.environ.get("GATEHOUSE_TEST_ENDPOINT") == "aws":
    pytest.skip("makes too much for a real account", allow_module_level=True)

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


@pytest.fixture
def house():
    running = server.Gatehouse()
    yield running
    running.stop()


def client(house, service="iam", key=None):
    key = key or (house.env["accessKeyId"], house.env["secretAccessKey"])
    config = botocore.config.Config(retries={"total_max_attempts": 1}, max_pool_connections=32)
    return botocore.session.get_session().create_client(
        service, endpoint_url=house.env["endpoint"], region_name=house.env["region"],
        aws_access_key_id=key[0], aws_secret_access_key=key[1], config=config)


def refusal(call, **parameters):
    """The code of an error, or None."""
    try:
        call(**parameters)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return None


def user_key(iam, name):
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={name}",
                    "-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")],
                   check=True, capture_output=True)
    return (folder / f"{name}.pem").read_text(), (folder / f"{name}.key").read_text()


def test_server_certificates(house, tmp_path):
    iam = client(house)
    body, key = certificate(tmp_path, "a.example.com")
    other, _ = certificate(tmp_path, "b.example.com")
    made = iam.upload_server_certificate(ServerCertificateName="c", Path="/cdn/", CertificateBody=body, PrivateKey=key,
                                         CertificateChain=other, Tags=[{"Key": "a", "Value": "1"}])
    metadata = made["ServerCertificateMetadata"]
    assert metadata["Arn"].endswith(":server-certificate/cdn/c")
    assert (metadata["Expiration"] - metadata["UploadDate"]).days in (29, 30)
    assert refusal(iam.upload_server_certificate, ServerCertificateName="d", CertificateBody=other, PrivateKey=key) \
        == "KeyPairMismatch"
    assert refusal(iam.upload_server_certificate, ServerCertificateName="d", CertificateBody="x", PrivateKey=key) \
        == "MalformedCertificate"
    assert refusal(iam.upload_server_certificate, ServerCertificateName="c", CertificateBody=body, PrivateKey=key) \
        == "EntityAlreadyExists"
    iam.update_server_certificate(ServerCertificateName="c", NewServerCertificateName="e", NewPath="/")
    found = iam.get_server_certificate(ServerCertificateName="e")["ServerCertificate"]
    assert found["CertificateBody"] == body and found["CertificateChain"] == other
    assert found["ServerCertificateMetadata"]["ServerCertificateId"] == metadata["ServerCertificateId"]
    iam.tag_server_certificate(ServerCertificateName="e", Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_server_certificate(ServerCertificateName="e", TagKeys=["a"])
    assert iam.list_server_certificate_tags(ServerCertificateName="e")["Tags"] == [{"Key": "b", "Value": "2"}]
    listed = iam.list_server_certificates()["ServerCertificateMetadataList"]
    assert [c["ServerCertificateName"] for c in listed] == ["e"]
    iam.delete_server_certificate(ServerCertificateName="e")
    assert refusal(iam.get_server_certificate, ServerCertificateName="e") == "NoSuchEntity"


def code(seed, step):
    digest = hmac.new(base64.b32decode(seed), struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 0xF
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06}"


def test_an_mfa_device_is_enabled_by_its_codes(house):
    iam = client(house)
    iam.create_user(UserName="ana")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="d")["VirtualMFADevice"]
    seed, serial = device["Base32StringSeed"], device["SerialNumber"]
    now = int(time.time()) // 30
    codes = {"AuthenticationCode1": code(seed, now - 1), "AuthenticationCode2": code(seed, now)}
    iam.enable_mfa_device(UserName="ana", SerialNumber=serial, **codes)
    assert [d["SerialNumber"] for d in iam.list_mfa_devices(UserName="ana")["MFADevices"]] == [serial]
    assert iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"][0]["User"]["UserName"] == "ana"
    assert refusal(iam.enable_mfa_device, UserName="ana", SerialNumber=serial, **codes) == "EntityAlreadyExists"
    iam.resync_mfa_device(UserName="ana", SerialNumber=serial, **codes)
    assert refusal(iam.delete_virtual_mfa_device, SerialNumber=serial) == "DeleteConflict"
    assert refusal(iam.delete_user, UserName="ana") == "DeleteConflict"
    assert iam.get_account_summary()["SummaryMap"]["MFADevicesInUse"] == 1
    iam.deactivate_mfa_device(UserName="ana", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.delete_user(UserName="ana")


def test_the_credential_report(house):
    iam = client(house)
    key, _ = user_key(iam, "ana")
    iam.generate_credential_report()
    report = iam.get_credential_report()
    rows = {row["user"]: row for row in csv.DictReader(io.StringIO(report["Content"].decode()))}
    assert rows["<root_account>"]["access_key_1_active"] == "true"
    assert rows["ana"]["access_key_1_active"] == "true"
    assert rows["ana"]["access_key_1_last_used_date"] == "N/A"
    assert rows["ana"]["password_enabled"] == "false"
    assert len(rows["ana"]) == 22 and None not in rows["ana"]


def test_of_writers_at_once_none_is_lost(house):
    """Each that was told 200 is there; each other was told ConcurrentModification."""
    iam = client(house)
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)

    def write(n):
        return n, refusal(iam.tag_role, RoleName="r", Tags=[{"Key": f"k{n}", "Value": "v"}])

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        outcomes = dict(pool.map(write, range(48)))
    assert set(outcomes.values()) <= {None, "ConcurrentModification"}
    kept = {tag["Key"] for tag in iam.list_role_tags(RoleName="r", MaxItems=100)["Tags"]}
    assert kept == {f"k{n}" for n, refused in outcomes.items() if refused is None}

    def make(_):
        return refusal(iam.create_user, UserName="same")

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        made = list(pool.map(make, range(16)))
    assert made.count(None) == 1 and made.count("EntityAlreadyExists") == 15


def test_policies_that_a_folder_adds(tmp_path):
    (tmp_path / "ours.json").write_text(json.dumps({
        "Arn": "arn:aws:iam::aws:policy/service-role/Ours", "CreateDate": "2026-01-01T00:00:00Z",
        "UpdateDate": "2026-01-02T00:00:00Z", "DefaultVersionId": "v3",
        "Document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}}))
    data = tmp_path / "data"
    process = subprocess.Popen([server.binary(), "serve", "--listen", "127.0.0.1:0", "--data", str(data),
                                "--managed-policies", str(tmp_path)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(1000):
            asked = subprocess.run([server.binary(), "env", "--data", str(data), "--output", "json"],
                                   capture_output=True, text=True)
            if asked.returncode == 0:
                break
            time.sleep(0.02)
        house = type("House", (), {"env": json.loads(asked.stdout)})
        policy = client(house).get_policy(PolicyArn="arn:aws:iam::aws:policy/service-role/Ours")["Policy"]
        assert policy["DefaultVersionId"] == "v3" and policy["Path"] == "/service-role/"
    finally:
        process.terminate()
        process.wait(10)
    (tmp_path / "bad.json").write_text("{}")
    refused = subprocess.run([server.binary(), "serve", "--listen", "127.0.0.1:0", "--data", str(data),
                              "--managed-policies", str(tmp_path)], capture_output=True, text=True, timeout=20)
    assert refused.returncode != 0 and "bad.json" in refused.stderr


class World:
    """Random questions, and what became of each when it was really tried."""

    NAMES = ["ana", "bea", "cleo"]
    ACTIONS = ["iam:CreateUser", "iam:DeleteUser", "iam:GetUser", "iam:TagUser"]

    def __init__(self, house, seed):
        self.dice = random.Random(seed)
        self.root = client(house)
        self.account = house.env["account"]
        self.key = user_key(self.root, "caller")
        self.caller = client(house, key=self.key)

    def arn(self, name):
        return f"arn:aws:iam::{self.account}:user/{name}"

    def statement(self):
        pick = self.dice.choice
        statement = {"Effect": pick(["Allow", "Allow", "Allow", "Deny"]),
                     "Action": pick([self.ACTIONS, "iam:*", "iam:*User", pick(self.ACTIONS), pick(self.ACTIONS)]),
                     "Resource": pick(["*", self.arn("*"), self.arn(pick(self.NAMES)), self.arn("?ea")])}
        if self.dice.random() < 0.4:
            statement["Condition"] = pick([
                {"StringEquals": {"aws:username": pick(["caller", "other"])}},
                {"StringLike": {"aws:PrincipalArn": pick([self.arn("caller"), self.arn("o*")])}},
                {"StringNotEquals": {"aws:PrincipalTag/team": "data"}},
                {"Bool": {"aws:ViaAWSService": "false"}}])
        return statement

    def policies(self):
        for n in range(2):
            document = {"Version": "2012-10-17", "Statement": [self.statement() for _ in range(self.dice.randint(1, 3))]}
            self.root.put_user_policy(UserName="caller", PolicyName=f"p{n}", PolicyDocument=json.dumps(document))

    def exists(self, name):
        return refusal(self.root.get_user, UserName=name) is None

    def really(self, action, name):
        """Whether it had its effect."""
        if action == "iam:CreateUser":
            if self.exists(name):
                self.root.delete_user(UserName=name)
            refusal(self.caller.create_user, UserName=name)
            return self.exists(name)
        if not self.exists(name):
            self.root.create_user(UserName=name)
        if action == "iam:DeleteUser":
            refusal(self.caller.delete_user, UserName=name)
            return not self.exists(name)
        if action == "iam:TagUser":
            self.root.untag_user(UserName=name, TagKeys=["mark"])
            refusal(self.caller.tag_user, UserName=name, Tags=[{"Key": "mark", "Value": "1"}])
            return self.root.list_user_tags(UserName=name)["Tags"] != []
        return refusal(self.caller.get_user, UserName=name) is None

    def simulated(self, action, name):
        answer = self.root.simulate_principal_policy(
            PolicySourceArn=self.arn("caller"), ActionNames=[action], ResourceArns=[self.arn(name)],
            ContextEntries=[{"ContextKeyName": "aws:ViaAWSService", "ContextKeyType": "boolean",
                             "ContextKeyValues": ["false"]}])
        return answer["EvaluationResults"][0]["EvalDecision"] == "allowed"


def test_the_simulator_says_what_happens(house):
    """A thousand random cases; the real call is judged by its effect."""
    world = World(house, 20260131)
    asked = agreed = allowed = 0
    while asked < 1000:
        world.policies()
        for action in world.ACTIONS:
            for name in world.NAMES:
                said, done = world.simulated(action, name), world.really(action, name)
                asked, agreed, allowed = asked + 1, agreed + (said == done), allowed + done
                assert said == done, (action, name)
    assert agreed == asked and 100 < allowed < asked - 100
