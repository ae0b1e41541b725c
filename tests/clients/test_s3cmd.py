"""s3cmd with the credentials of a role: copy, sync, check, and what it shows of objects and buckets."""

import os

import pytest
from tools import REGION, Tool, bucket_statements, installed, make_tree, same

MULTIPART = "--multipart-chunk-size-mb=5"


@pytest.fixture(scope="module", name="s3cmd")
def s3cmd_fixture(account, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    tool = Tool(installed("s3cmd"), home)
    account.client("s3").create_bucket(Bucket="attic")
    keys = account.session_of("attic", *bucket_statements("attic"), {
        "Effect": "Allow", "Action": ["s3:*Lifecycle*", "s3:GetBucket*", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:GetObjectAcl", "s3:PutObjectAcl"],
        "Resource": ["arn:aws:s3:::attic", "arn:aws:s3:::attic/*"]})
    (home / ".s3cfg").write_text(
        f"[default]\naccess_key = {keys['AccessKeyId']}\nsecret_key = {keys['SecretAccessKey']}\naccess_token = {keys['SessionToken']}\n"
        f"host_base = {account.host}\nhost_bucket = {account.host}\nuse_https = False\nbucket_location = {REGION}\n")
    (home / "big").write_bytes(os.urandom(12_000_000))
    make_tree(home / "tree", 120)
    return tool


def test_sync_both_ways_and_check(s3cmd):
    s3cmd.ok("sync", "tree/", "s3://attic/tree/")
    assert s3cmd.ok("sync", "--check-md5", "--dry-run", "tree/", "s3://attic/tree/").strip() == ""
    s3cmd.ok("sync", "s3://attic/tree/", "back/")
    assert same(s3cmd.home / "tree", s3cmd.home / "back")
    (s3cmd.home / "back/d1/e1/with space 1.bin").write_bytes(b"other")
    did = s3cmd.ok("sync", "back/", "s3://attic/tree/")
    assert did.count("upload:") == 1 and "with space 1.bin" in did
    assert s3cmd.ok("ls", "--recursive", "s3://attic/tree/").count("s3://") == 120


def test_parts_copies_and_moves(s3cmd):
    s3cmd.ok("put", "big", "s3://attic/big", MULTIPART)
    s3cmd.ok("get", "s3://attic/big", "big.back", "--force")
    assert (s3cmd.home / "big.back").read_bytes() == (s3cmd.home / "big").read_bytes()
    s3cmd.ok("cp", "s3://attic/big", "s3://attic/second")
    s3cmd.ok("mv", "s3://attic/second", "s3://attic/third")
    shown = s3cmd.ok("info", "s3://attic/third")
    assert "File size: 12000000" in shown and "SSE:       AES256" in shown
    assert "s3://attic/second" not in s3cmd.ok("ls", "s3://attic/")
    assert "12000000" in s3cmd.ok("ls", "s3://attic/third")
    s3cmd.ok("modify", "--add-header=x-amz-meta-team: data", "s3://attic/third")
    assert "x-amz-meta-team: data" in s3cmd.ok("info", "s3://attic/third")
    assert s3cmd.ok("multipart", "s3://attic").count("s3://attic/") == 1  # the heading: no upload is left open
    s3cmd.ok("del", "s3://attic/big", "s3://attic/third")


def test_bucket_settings(s3cmd):
    s3cmd.ok("expire", "--expiry-days=3", "--expiry-prefix=tmp/", "s3://attic")
    assert "<Days>3</Days>" in s3cmd.ok("getlifecycle", "s3://attic")
    s3cmd.ok("dellifecycle", "s3://attic")
    (s3cmd.home / "policy").write_text('{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::attic/closed/*"}]}')
    s3cmd.ok("setpolicy", "policy", "s3://attic")
    s3cmd.ok("put", "big", "s3://attic/closed/x", MULTIPART)
    assert "403 (Forbidden)" in s3cmd.refused("get", "s3://attic/closed/x", "x")
    s3cmd.ok("delpolicy", "s3://attic")
    s3cmd.ok("get", "s3://attic/closed/x", "x")


def test_refused(s3cmd):
    assert "403 (AccessDenied)" in s3cmd.refused("mb", "s3://another-attic")
