"""rclone with the credentials of a role: copy, sync, check, versions."""

import hashlib
import os

import pytest
from tools import REGION, Tool, bucket_statements, installed, make_tree, same

PARTS = ("--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M")


@pytest.fixture(scope="module", name="rclone")
def rclone_fixture(account, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    account.client("s3").create_bucket(Bucket="barn")
    keys = account.session_of("barn", *bucket_statements("barn", "s3:PutObjectAcl"), {
        "Effect": "Allow", "Action": ["s3:ListBucketVersions", "s3:*BucketVersioning", "s3:GetObjectVersion", "s3:DeleteObjectVersion"],
        "Resource": ["arn:aws:s3:::barn", "arn:aws:s3:::barn/*"]})
    # As on AWS: `acl` must not be rclone's default, private, where the bucket owner owns everything.
    (home / "rclone.conf").write_text(
        f"[g]\ntype = s3\nprovider = Other\nforce_path_style = true\nlist_version = 2\nendpoint = {account.endpoint}\nregion = {REGION}\nno_check_bucket = true\n"
        "acl = bucket-owner-full-control\n"
        f"access_key_id = {keys['AccessKeyId']}\nsecret_access_key = {keys['SecretAccessKey']}\nsession_token = {keys['SessionToken']}\n")
    tool = Tool(installed("rclone"), home, {"RCLONE_CONFIG": str(home / "rclone.conf"), "RCLONE_RETRIES": "1", "RCLONE_LOW_LEVEL_RETRIES": "1"})
    (home / "one").mkdir()
    (home / "one/big").write_bytes(os.urandom(12_000_000))
    make_tree(home / "tree", 300)
    return tool


def test_sync_both_ways_and_check(rclone):
    rclone.ok("sync", "tree", "g:barn/tree")
    assert "0 differences found" in rclone.run("check", "tree", "g:barn/tree").stderr
    rclone.ok("check", "--download", "tree", "g:barn/tree")
    rclone.ok("sync", "g:barn/tree", "back")
    assert same(rclone.home / "tree", rclone.home / "back")
    (rclone.home / "back/d1/e1/with space 1.bin").write_bytes(b"other")
    (rclone.home / "back/d2/e2/plus+and& 2.bin").unlink()
    assert "2 differences found" in rclone.run("check", "back", "g:barn/tree").stderr
    rclone.ok("sync", "back", "g:barn/tree")
    rclone.ok("check", "back", "g:barn/tree")
    assert rclone.ok("size", "g:barn/tree").splitlines()[0].endswith("299 (299)")


def test_parts_copies_and_moves(rclone):
    rclone.ok("copy", "one", "g:barn/one", *PARTS)
    rclone.ok("check", "--download", "one", "g:barn/one")
    rclone.ok("copyto", "g:barn/one/big", "g:barn/one/copy")
    rclone.ok("moveto", "g:barn/one/copy", "g:barn/one/moved")
    assert sorted(line.split()[-1] for line in rclone.ok("lsl", "g:barn/one").splitlines()) == ["big", "moved"]
    (rclone.home / "letters").write_text("abcdefghij" * 1000)
    rclone.ok("copy", "letters", "g:barn/one")
    assert rclone.ok("cat", "g:barn/one/letters", "--offset", "5003", "--count", "12") == "defghijabcde"
    assert rclone.ok("cat", "g:barn/one/letters", "--tail", "3") == "hij"
    digest = hashlib.md5((rclone.home / "letters").read_bytes()).hexdigest()
    assert rclone.ok("hashsum", "md5", "g:barn/one/letters").split() == [digest, "letters"]
    with open(rclone.home / "one/big", "rb") as streamed:
        rclone.ok("rcat", "g:barn/one/streamed", *PARTS, stdin=streamed)
    assert rclone.ok("lsf", "--format", "s", "g:barn/one/streamed").strip() == "12000000"
    rclone.ok("purge", "g:barn/one")
    assert "one/" not in rclone.ok("lsf", "g:barn/")


def test_versions(rclone):
    rclone.ok("backend", "versioning", "g:barn", "Enabled")
    (rclone.home / "note").write_text("first")
    rclone.ok("copy", "note", "g:barn/notes")
    (rclone.home / "note").write_text("second")
    rclone.ok("copy", "note", "g:barn/notes")
    assert rclone.ok("lsf", "--s3-versions", "g:barn/notes").count("note") == 2
    assert rclone.ok("cat", "g:barn/notes/note") == "second"
    rclone.ok("backend", "cleanup-hidden", "g:barn")
    assert rclone.ok("lsf", "--s3-versions", "g:barn/notes").count("note") == 1


def test_refused(rclone, account):
    account.client("s3").create_bucket(Bucket="someone-elses")
    assert "AccessDenied" in rclone.refused("lsf", "g:someone-elses")
    assert "directory not found" in rclone.refused("lsf", "g:barn-that-is-not")
