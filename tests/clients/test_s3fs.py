"""s3fs with the credentials of a role: a bucket as a file system."""

import os
import shutil
import subprocess
import time

import pytest
from tools import Tool, bucket_statements, installed, make_tree, same


@pytest.fixture(name="mounted")
def mounted_fixture(account, tmp_path):
    path = installed("s3fs")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        pytest.skip("/dev/fuse cannot be used here")
    account.client("s3").create_bucket(Bucket="fuse")
    keys = account.session_of("fuse", *bucket_statements("fuse", "s3:PutObjectAcl"))
    point = tmp_path / "mounted"
    point.mkdir()
    tool = Tool(path, tmp_path, {"AWSACCESSKEYID": keys["AccessKeyId"], "AWSSECRETACCESSKEY": keys["SecretAccessKey"], "AWSSESSIONTOKEN": keys["SessionToken"]})
    # Its default ACL, private, is not one that a bucket with ownership enforced takes, as on AWS.
    tool.ok("fuse", point, "-o", f"url={account.endpoint}", "-o", "use_path_request_style", "-o", "endpoint=us-east-1",
            "-o", "default_acl=bucket-owner-full-control", "-o", "stat_cache_expire=1")
    deadline = time.monotonic() + 10
    while not os.path.ismount(point) and time.monotonic() < deadline:
        time.sleep(0.05)
    if not os.path.ismount(point):
        pytest.skip("s3fs mounts nothing here: FUSE is not allowed")
    try:
        yield point
    finally:
        subprocess.run(["fusermount", "-u", point], check=False)


def test_files(mounted, account, tmp_path):
    s3 = account.client("s3")
    make_tree(tmp_path / "tree", 40)
    shutil.copytree(tmp_path / "tree", mounted / "tree")
    assert same(tmp_path / "tree", mounted / "tree")
    (mounted / "note").write_text("hello")
    os.rename(mounted / "note", mounted / "renamed")
    os.chmod(mounted / "renamed", 0o640)
    assert s3.get_object(Bucket="fuse", Key="renamed")["Body"].read() == b"hello"
    assert oct(int(s3.head_object(Bucket="fuse", Key="renamed")["Metadata"]["mode"]))[-3:] == "640"
    os.symlink("renamed", mounted / "link")
    assert os.readlink(mounted / "link") == "renamed"

    # In parts, and a change in the middle of it.
    body = bytearray(os.urandom(25_000_000))
    (mounted / "big").write_bytes(body)
    with open(mounted / "big", "r+b") as file:
        file.seek(12_000_000)
        file.write(b"changed")
    body[12_000_000:12_000_007] = b"changed"
    assert s3.get_object(Bucket="fuse", Key="big")["Body"].read() == body

    shutil.rmtree(mounted / "tree")
    left = {o["Key"] for o in s3.list_objects_v2(Bucket="fuse")["Contents"]}
    assert left == {"big", "link", "renamed"}
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="fuse")


def test_what_a_policy_denies_is_permission_denied(mounted, account):
    s3 = account.client("s3")
    s3.put_object(Bucket="fuse", Key="open", Body=b"1")
    s3.put_bucket_policy(Bucket="fuse", Policy='{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",'
                         '"Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::fuse/closed/*","Condition":{"StringLike":{"aws:userId":"AROA*"}}}]}')
    (mounted / "fine").write_text("fine")
    with pytest.raises(PermissionError):
        (mounted / "closed").mkdir()
