"""Server access logs really delivered: the server runs under libfaketime, whose clock this test moves.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
"""

import base64
import hashlib
import json
import re
import time
import types

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from runner import http
from runner.clock import LIBRARY, MISSING, Clock, s3_of, until

pytestmark = pytest.mark.skipif(LIBRARY is None, reason=MISSING)

FIELDS = ("owner bucket time ip requester request operation key uri status error bytes size total turn referer agent version host_id signature"
          " cipher auth host tls access_point acl").split()
RECORD = re.compile(r'\[[^\]]*\]|"[^"]*"|\S+')


@pytest.fixture(name="clock")
def clock_fixture(tmp_path, monkeypatch):
    return Clock(tmp_path, monkeypatch)


@pytest.fixture(name="server")
def server_fixture(clock, monkeypatch):
    server = clock.server(monkeypatch)
    yield server
    server.stop()


@pytest.fixture(name="s3")
def s3_fixture(server):
    s3 = s3_of(server)
    s3.create_bucket(Bucket="lake")
    s3.create_bucket(Bucket="logs")
    return s3


def allow(s3, server, bucket="logs", source="lake", prefix="", account=None):
    """The policy of the user guide's page on enabling."""
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Sid": "S3ServerAccessLogsPolicy", "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/{prefix}*",
        "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{source}"}, "StringEquals": {"aws:SourceAccount": account or server.env["account"]}}}]}))


def log_to(s3, source="lake", target="logs", prefix="", **more):
    s3.put_bucket_logging(Bucket=source, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": prefix, **more}})


def keys(s3, bucket="logs"):
    return [o["Key"] for o in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def records(s3, bucket="logs"):
    """All that was delivered, each a dictionary of its fields."""
    lines = []
    for key in keys(s3, bucket):
        lines += s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode().splitlines()
    parsed = [RECORD.findall(line) for line in lines]
    assert all(len(fields) == len(FIELDS) for fields in parsed)
    return [dict(zip(FIELDS, fields)) for fields in parsed]


def delivered(s3, clock, count=1, bucket="logs"):
    clock.move(seconds=61)
    until(lambda: len(keys(s3, bucket)), count)
    return records(s3, bucket)


def test_fields(s3, server, clock):
    allow(s3, server)
    log_to(s3)
    s3.put_object(Bucket="lake", Key="a dir/k", Body=b"data")
    s3.get_object(Bucket="lake", Key="a dir/k", Range="bytes=0-1")
    s3.head_object(Bucket="lake", Key="a dir/k")
    seen = {r["operation"]: r for r in delivered(s3, clock)}
    put, get, head = (seen[f"REST.{m}.OBJECT"] for m in ("PUT", "GET", "HEAD"))
    assert put["owner"] == server.env["canonicalId"] == put["requester"]
    assert put["bucket"] == "lake" and put["key"] == "a%20dir/k" and put["ip"] == "127.0.0.1"
    assert re.fullmatch(r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]", put["time"])
    assert put["uri"] == '"PUT /lake/a%20dir/k HTTP/1.1"' and put["status"] == "200" and put["error"] == "-"
    assert put["bytes"] == "-" and put["size"] == "4"
    assert get["status"] == "206" and get["bytes"] == "2" and get["size"] == "4"
    assert head["bytes"] == "-" and head["size"] == "4"
    assert get["signature"] == "SigV4" and get["auth"] == "AuthHeader" and get["cipher"] == get["tls"] == "-"
    assert "Boto3" in get["agent"] and get["referer"] == '"-"' and get["version"] == "-"
    assert get["host"] == server.env["endpoint"].removeprefix("http://")


def test_request_ids_are_those_of_the_answers(s3, server, clock):
    allow(s3, server)
    log_to(s3)
    answer = s3.list_objects_v2(Bucket="lake")["ResponseMetadata"]
    (line,) = [r for r in delivered(s3, clock) if r["operation"] == "REST.GET.BUCKET"]
    assert line["request"] == answer["RequestId"] and line["host_id"] == answer["HostId"]
    assert int(line["bytes"]) == int(answer["HTTPHeaders"]["content-length"])


def test_refused_requests_are_recorded(s3, server, clock):
    allow(s3, server)
    log_to(s3)
    anybody = boto3.client("s3", endpoint_url=server.env["endpoint"], region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
                           aws_secret_access_key="x", config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))
    with pytest.raises(ClientError):
        anybody.get_object(Bucket="lake", Key="secret")
    with pytest.raises(ClientError):
        s3.get_object(Bucket="lake", Key="absent")
    seen = [r for r in delivered(s3, clock) if r["operation"] == "REST.GET.OBJECT"]
    assert [(r["key"], r["status"], r["error"]) for r in seen] == [("secret", "403", "InvalidAccessKeyId"), ("absent", "404", "NoSuchKey")]
    assert seen[0]["requester"] == "-"


def test_no_request_writes_a_record_of_its_own(s3, server, clock):
    """What is asked for may be anything, by anybody: one request is one record, and each of its fields one word.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
    """
    allow(s3, server)
    log_to(s3)
    http.request(server.env["endpoint"], "GET", "/lake/k?versionId=x%0AFORGED%20lake", [], b"")
    http.request(server.env["endpoint"], "GET", "/lake/k?versionId=x%20y", [("User-Agent", 'a" "b\xe9'), ("Referer", 'r"\t')], b"")
    body = b"<Delete><Object><Key>d</Key><VersionId>v&#10;FORGED lake</VersionId></Object></Delete>"
    root = Credentials(server.env["accessKeyId"], server.env["secretAccessKey"])
    sent = [("Content-MD5", base64.b64encode(hashlib.md5(body).digest()).decode())]
    assert http.request(server.env["endpoint"], "POST", "/lake?delete", sent, body, ("s3", "us-east-1", root))["status"] == 200
    seen = {(r["operation"], r["version"]): r for r in delivered(s3, clock)}
    assert set(seen) == {("REST.GET.OBJECT", "x%0AFORGED%20lake"), ("REST.GET.OBJECT", "x%20y"), ("BATCH.DELETE.OBJECT", "v%0AFORGED%20lake"),
                         ("REST.POST.MULTI_OBJECT_DELETE", "-")}
    odd = seen["REST.GET.OBJECT", "x%20y"]
    assert odd["agent"] == '"a%22 %22b%E9"' and odd["referer"] == '"r%22"'


def test_operations_have_their_names(s3, server, clock):
    allow(s3, server)
    log_to(s3)
    s3.put_object(Bucket="lake", Key="k", Body=b"x")
    s3.copy_object(Bucket="lake", Key="copy", CopySource="lake/k")
    s3.get_bucket_versioning(Bucket="lake")
    s3.get_bucket_logging(Bucket="lake")
    s3.get_object_tagging(Bucket="lake", Key="k")
    upload = s3.create_multipart_upload(Bucket="lake", Key="m")["UploadId"]
    s3.upload_part(Bucket="lake", Key="m", UploadId=upload, PartNumber=1, Body=b"x")
    s3.abort_multipart_upload(Bucket="lake", Key="m", UploadId=upload)
    s3.delete_objects(Bucket="lake", Delete={"Objects": [{"Key": "k"}, {"Key": "copy"}]})
    names = [r["operation"] for r in delivered(s3, clock)]
    assert names == ["REST.PUT.OBJECT", "REST.COPY.OBJECT", "REST.COPY.OBJECT_GET", "REST.GET.VERSIONING",
                     "REST.GET.LOGGING_STATUS", "REST.GET.OBJECT_TAGGING", "REST.POST.UPLOADS", "REST.PUT.PART", "REST.DELETE.UPLOAD",
                     "BATCH.DELETE.OBJECT", "BATCH.DELETE.OBJECT", "REST.POST.MULTI_OBJECT_DELETE"]
    assert [r["key"] for r in records(s3) if r["operation"] == "BATCH.DELETE.OBJECT"] == ["k", "copy"]


def test_nothing_is_delivered_without_permission(s3, server, clock):
    log_to(s3)
    s3.list_objects_v2(Bucket="lake")
    clock.move(seconds=61)
    until(lambda: "access logs could not be delivered" in server.log(), True)
    assert keys(s3) == []
    # For another source, or another account, is not for this one.
    for wrong in ({"source": "other"}, {"account": "111122223333"}, {"prefix": "else/"}):
        allow(s3, server, **wrong)
        s3.list_objects_v2(Bucket="lake")
        before = server.log().count("could not be delivered")
        clock.move(seconds=61)
        until(lambda: server.log().count("could not be delivered") > before, True)
        assert keys(s3) == []
    allow(s3, server)
    s3.list_objects_v2(Bucket="lake")
    assert [r["operation"] for r in delivered(s3, clock)] == ["REST.GET.BUCKET"]


def test_denials_of_the_target_count(s3, server, clock):
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*",
         "Condition": {"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}}]}))
    log_to(s3)
    s3.list_objects_v2(Bucket="lake")
    clock.move(seconds=61)
    until(lambda: "access logs could not be delivered" in server.log(), True)
    assert keys(s3) == []


def test_keys(s3, server, clock):
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#server-log-keyname-format"""
    allow(s3, server)
    log_to(s3, prefix="of-lake/")
    s3.list_objects_v2(Bucket="lake")
    delivered(s3, clock)
    (key,) = keys(s3)
    assert re.fullmatch(r"of-lake/\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-[0-9A-F]{16}", key)


@pytest.mark.parametrize("source, name", [("DeliveryTime", r"\d\d-\d\d-\d\d"), ("EventTime", "00-00-00")])
def test_partitioned_keys(s3, server, clock, source, name):
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PartitionedPrefix.html"""
    allow(s3, server)
    # By hand: an old botocore does not know the formats.
    status = f"""<BucketLoggingStatus><LoggingEnabled><TargetBucket>logs</TargetBucket><TargetObjectKeyFormat><PartitionedPrefix>
        <PartitionDateSource>{source}</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat><TargetPrefix>p/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>"""
    keys_of_root = Credentials(server.env["accessKeyId"], server.env["secretAccessKey"])
    assert http.request(server.env["endpoint"], "PUT", "/lake?logging", [], status.encode(), ("s3", "us-east-1", keys_of_root))["status"] == 200
    s3.list_objects_v2(Bucket="lake")
    delivered(s3, clock)
    (key,) = keys(s3)
    account = server.env["account"]
    assert re.fullmatch(rf"p/{account}/us-east-1/lake/\d{{4}}/\d\d/\d\d/\d{{4}}-\d\d-\d\d-{name}-[0-9A-F]{{16}}", key)


def test_batches(s3, server, clock):
    """One object holds the records of a while, of one source bucket."""
    allow(s3, server)
    s3.create_bucket(Bucket="pond")
    log_to(s3)
    s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*"}}))
    log_to(s3, source="pond")
    for _ in range(3):
        s3.list_objects_v2(Bucket="lake")
    s3.list_objects_v2(Bucket="pond")
    time.sleep(1.5)
    assert keys(s3) == []
    seen = delivered(s3, clock, 2)
    assert sorted(r["bucket"] for r in seen if r["operation"] == "REST.GET.BUCKET") == ["lake", "lake", "lake", "pond"]


def test_a_bucket_that_logs_to_itself_never_ends(s3, server, clock):
    """M39: each delivery is a request of its own, and is logged.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#server-access-logging-overview
    """
    allow(s3, server, bucket="lake")
    log_to(s3, target="lake", prefix="log/")
    assert "a bucket logs to itself" in server.log()
    s3.list_objects_v2(Bucket="lake")
    for count in (1, 2, 3):
        clock.move(seconds=61)
        until(lambda: len(keys(s3, "lake")) >= count, True)
    written = [r for r in records(s3, "lake") if r["operation"] == "REST.PUT.OBJECT"]
    assert written and all(r["requester"] == "svc:logging.s3.amazonaws.com" and r["key"].startswith("log/") for r in written)


@pytest.mark.parametrize("how", ["kms", "lock"])
def test_targets_that_take_no_logs(s3, server, clock, how):
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-server-access-logging.html#delivery-failures"""
    allow(s3, server)
    if how == "kms":
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
        s3.put_bucket_encryption(Bucket="logs", ServerSideEncryptionConfiguration={"Rules": [rule]})
    else:
        s3.put_bucket_versioning(Bucket="logs", VersioningConfiguration={"Status": "Enabled"})
        s3.put_object_lock_configuration(Bucket="logs", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    log_to(s3)
    s3.list_objects_v2(Bucket="lake")
    clock.move(seconds=61)
    until(lambda: "access logs could not be delivered" in server.log(), True)
    assert keys(s3) == []


def second_account(server):
    made = server.run(["account", "create", "--name", "second", "--data", server.data, "--output", "json"])
    return s3_of(types.SimpleNamespace(env={**server.env, **json.loads(made.stdout)}))


def test_a_name_that_came_to_another_account_gets_no_logs(s3, server, clock):
    """The target's owner counts when the logs are delivered, whatever the target's policy allows.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-server-access-logging.html
    """
    log_to(s3)
    s3.delete_bucket(Bucket="logs")
    other = second_account(server)
    other.create_bucket(Bucket="logs")
    allow(other, server)
    s3.list_objects_v2(Bucket="lake")
    clock.move(seconds=61)
    until(lambda: "access logs could not be delivered" in server.log() or bool(keys(other)), True)
    assert keys(other) == []
    assert "the bucket to be logged and the target bucket must be the same" in server.log()


def test_the_group_of_log_delivery(s3, clock):
    """Where lists of access count, the target's may grant what its policy does not.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html#grant-log-delivery-permissions-acl
    """
    s3.put_bucket_ownership_controls(Bucket="logs", OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    s3.put_bucket_acl(Bucket="logs", ACL="log-delivery-write")
    log_to(s3)
    s3.list_objects_v2(Bucket="lake")
    assert [r["operation"] for r in delivered(s3, clock)] == ["REST.GET.BUCKET"]


def test_target_grants(s3, server, clock):
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_TargetGrant.html"""
    reader = {"Type": "CanonicalUser", "ID": server.env["canonicalId"]}
    s3.put_bucket_ownership_controls(Bucket="logs", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    allow(s3, server)
    log_to(s3, TargetGrants=[{"Grantee": reader, "Permission": "READ"}])
    s3.list_objects_v2(Bucket="lake")
    delivered(s3, clock)
    (key,) = keys(s3)

    def grants():
        found = s3.get_object_acl(Bucket="logs", Key=key)["Grants"]
        return sorted((g["Grantee"]["ID"], g["Permission"]) for g in found)

    until(grants, [(reader["ID"], "FULL_CONTROL"), (reader["ID"], "READ")])


@pytest.mark.parametrize("how", ["blocked", "enforced"])
def test_target_grants_that_are_no_longer_allowed(s3, server, clock, how):
    """BlockPublicAcls, or enforced ownership, after the configuration: the logs are their owner's alone, also when lists count again.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    def blocks(on):
        s3.put_public_access_block(Bucket="logs", PublicAccessBlockConfiguration={"BlockPublicAcls": on})

    def owned(by):
        s3.put_bucket_ownership_controls(Bucket="logs", OwnershipControls={"Rules": [{"ObjectOwnership": by}]})

    owned("ObjectWriter")
    blocks(False)
    allow(s3, server)
    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    log_to(s3, TargetGrants=[{"Grantee": everybody, "Permission": "READ"}])
    if how == "blocked":
        blocks(True)
    else:
        owned("BucketOwnerEnforced")
    s3.list_objects_v2(Bucket="lake")
    delivered(s3, clock)
    until(lambda: "access logs are delivered without their target grants" in server.log(), True)
    blocks(False)
    owned("ObjectWriter")
    (key,) = keys(s3)
    assert [(g["Grantee"]["ID"], g["Permission"]) for g in s3.get_object_acl(Bucket="logs", Key=key)["Grants"]] \
        == [(server.env["canonicalId"], "FULL_CONTROL")]
    assert http.request(server.env["endpoint"], "GET", f"/logs/{key}", [], b"")["status"] == 403


def test_the_rest_is_delivered_at_the_end(s3, server):
    """A server that is told to stop delivers what waits."""
    allow(s3, server)
    log_to(s3)
    s3.list_objects_v2(Bucket="lake")
    server.process.terminate()
    assert server.process.wait(20) == 0
    assert json.loads(server.run(["fsck", "--data", server.data, "--output", "json"]).stdout)["versions"] == 1
