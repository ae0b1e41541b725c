"""Lifecycle rules carried out, as the days pass: the server runs under libfaketime, whose clock this test moves.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

import datetime
import glob
import os
import time
import types

import boto3
import botocore.auth
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from runner.server import Gatehouse

LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
pytestmark = pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed (scripts/deps.sh run)")


class Clock:
    """The server's, and that of the signatures it is sent."""

    def __init__(self, folder):
        self.file = folder / "time"
        self.days = 0
        self.move(0)

    def move(self, days):
        self.days += days
        written = self.file.with_suffix(".new")
        written.write_text(f"+{self.days}d\n", encoding="ascii")
        written.rename(self.file)

    def environment(self):
        return {"LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def for_botocore(self):
        clock = self

        class Moved(datetime.datetime):
            @classmethod
            def utcnow(cls):
                return datetime.datetime.utcnow() + datetime.timedelta(days=clock.days)

        return types.SimpleNamespace(datetime=Moved)


@pytest.fixture(name="clock")
def clock_fixture(tmp_path, monkeypatch):
    clock = Clock(tmp_path)
    for name, value in clock.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(botocore.auth, "datetime", clock.for_botocore())
    # Where awscrt is installed it would sign, by its own clock.
    monkeypatch.setitem(botocore.auth.AUTH_TYPE_MAPS, "s3v4", botocore.auth.S3SigV4Auth)
    return clock


@pytest.fixture(name="s3")
def s3_fixture(clock):
    server = Gatehouse()
    for name in clock.environment():
        os.environ.pop(name)
    yield boto3.client("s3", endpoint_url=server.env["endpoint"], region_name="us-east-1", aws_access_key_id=server.env["accessKeyId"],
                       aws_secret_access_key=server.env["secretAccessKey"], config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))
    server.stop()


def until(found, wanted, seconds=15):
    deadline = time.monotonic() + seconds
    while found() != wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    assert found() == wanted


def rules(s3, *all_of_them):
    s3.put_bucket_lifecycle_configuration(Bucket="lake", LifecycleConfiguration={"Rules": [{"Status": "Enabled", **r} for r in all_of_them]})


def keys(s3):
    return [o["Key"] for o in s3.list_objects_v2(Bucket="lake").get("Contents", [])]


def test_current_versions_expire(s3, clock):
    s3.create_bucket(Bucket="lake")
    rules(s3, {"ID": "tmp", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}},
          {"ID": "tag", "Filter": {"Tag": {"Key": "keep", "Value": "no"}}, "Expiration": {"Days": 3}},
          {"ID": "size", "Filter": {"ObjectSizeGreaterThan": 1000}, "Expiration": {"Days": 3}},
          {"ID": "class", "Filter": {"And": {"Prefix": "cold/", "ObjectSizeLessThan": 100}}, "Transitions": [{"Days": 2, "StorageClass": "GLACIER"}]})
    for key, more in (("tmp/a", {}), ("tmp/b", {}), ("kept", {}), ("tagged", {"Tagging": "keep=no"}), ("other", {"Tagging": "keep=yes"}),
                      ("large", {"Body": b"x" * 100_000}), ("cold/a", {"Body": b"x"})):
        s3.put_object(Bucket="lake", Key=key, **more)
    assert 'rule-id="tmp"' in s3.head_object(Bucket="lake", Key="tmp/a")["Expiration"]
    everything = keys(s3)
    time.sleep(2)  # the first round is over
    assert keys(s3) == everything
    clock.move(3)
    until(lambda: keys(s3), ["cold/a", "kept", "large", "other", "tagged"])
    until(lambda: s3.head_object(Bucket="lake", Key="cold/a").get("StorageClass"), "GLACIER")
    clock.move(1)
    until(lambda: keys(s3), ["cold/a", "kept", "other"])
    with pytest.raises(ClientError):
        s3.get_object(Bucket="lake", Key="large")


def versions(s3):
    answer = s3.list_object_versions(Bucket="lake")
    return ([v["Key"] for v in answer.get("Versions", [])], [v["Key"] for v in answer.get("DeleteMarkers", [])])


def test_versions_and_markers(s3, clock):
    s3.create_bucket(Bucket="lake")
    s3.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    rules(s3, {"ID": "old", "Filter": {"Prefix": "old/"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 2, "NewerNoncurrentVersions": 1}},
          {"ID": "hide", "Filter": {"Prefix": "hide/"}, "Expiration": {"Days": 1}},
          {"ID": "gone", "Filter": {"Prefix": "gone/"}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
          {"ID": "marker", "Filter": {"Prefix": "gone/"}, "Expiration": {"ExpiredObjectDeleteMarker": True}})
    for n in range(4):
        s3.put_object(Bucket="lake", Key="old/k", Body=f"{n}".encode())
    s3.put_object(Bucket="lake", Key="hide/k", Body=b"x")
    s3.put_object(Bucket="lake", Key="gone/k", Body=b"x")
    s3.delete_object(Bucket="lake", Key="gone/k")
    clock.move(2)
    # The current version is hidden by a marker, as a DELETE would hide it; what is behind stays.
    until(lambda: keys(s3), ["old/k"])
    assert "hide/k" in versions(s3)[0] and "hide/k" in versions(s3)[1]
    clock.move(1)
    # Of four the current one and the newest of the others stay; a marker that hides nothing any more goes.
    until(lambda: versions(s3)[0].count("old/k"), 2)
    clock.move(1)
    until(lambda: [k for both in versions(s3) for k in both if k.startswith("gone")], [])
    assert s3.get_object(Bucket="lake", Key="old/k")["Body"].read() == b"3"


def test_uploads_are_aborted(s3, clock):
    s3.create_bucket(Bucket="lake")
    rules(s3, {"ID": "abort", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}})
    upload = s3.create_multipart_upload(Bucket="lake", Key="big")
    assert upload["AbortRuleId"] == "abort"
    s3.upload_part(Bucket="lake", Key="big", UploadId=upload["UploadId"], PartNumber=1, Body=b"x" * 100_000)
    clock.move(3)
    until(lambda: s3.list_multipart_uploads(Bucket="lake").get("Uploads", []), [])
    with pytest.raises(ClientError) as error:
        s3.upload_part(Bucket="lake", Key="big", UploadId=upload["UploadId"], PartNumber=2, Body=b"x")
    assert error.value.response["Error"]["Code"] == "NoSuchUpload"
