"""Lifecycle rules carried out, as the days pass: the server runs under libfaketime, whose clock this test moves.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
"""

import datetime
import time

import pytest
from botocore.exceptions import ClientError
from runner.clock import LIBRARY, MISSING, Clock, s3_of, until

pytestmark = pytest.mark.skipif(LIBRARY is None, reason=MISSING)


@pytest.fixture(name="clock")
def clock_fixture(tmp_path, monkeypatch):
    return Clock(tmp_path, monkeypatch)


@pytest.fixture(name="s3")
def s3_fixture(clock, monkeypatch):
    server = clock.server(monkeypatch)
    yield s3_of(server)
    server.stop()


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


def test_locked_versions_stay(s3, clock):
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html#object-lock-managing-lifecycle"""
    s3.create_bucket(Bucket="lake", ObjectLockEnabledForBucket=True)
    rules(s3, {"ID": "old", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
    for key in ("free", "held", "retained"):
        s3.put_object(Bucket="lake", Key=key, Body=b"first")
        s3.put_object(Bucket="lake", Key=key, Body=b"second")
    first = {v["Key"]: v["VersionId"] for v in s3.list_object_versions(Bucket="lake")["Versions"] if not v["IsLatest"]}
    s3.put_object_legal_hold(Bucket="lake", Key="held", VersionId=first["held"], LegalHold={"Status": "ON"})
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=10)
    s3.put_object_retention(Bucket="lake", Key="retained", VersionId=first["retained"], Retention={"Mode": "COMPLIANCE", "RetainUntilDate": end})
    clock.move(3)
    until(lambda: versions(s3)[0], ["free", "held", "held", "retained", "retained"])
    with pytest.raises(ClientError) as error:
        s3.delete_object(Bucket="lake", Key="retained", VersionId=first["retained"])
    assert error.value.response["Error"]["Message"] == "Access Denied because object protected by object lock."
    # A retention ends by itself, a hold does not.
    clock.move(8)
    until(lambda: versions(s3)[0], ["free", "held", "held", "retained"])
    assert s3.get_object(Bucket="lake", Key="held", VersionId=first["held"])["Body"].read() == b"first"
