"""`aws s3` with the credentials of a role: a tree of 10,000 files both ways; a smaller one with a second command line, where there is one."""

import os
import shutil

import pytest
from tools import REGION, Tool, bucket_statements, count, installed, make_tree, same

FILES = (10_000, 1_000)


def found_clis():
    """Debian's, and another one that stands before it on PATH."""
    found = ["/usr/bin/aws", shutil.which("aws") or "/usr/bin/aws"]
    return list(dict.fromkeys(found))


@pytest.fixture(params=found_clis(), ids=str)
def aws(request, account, tmp_path):
    number = found_clis().index(request.param)
    bucket = f"lake-{number}"
    account.client("s3").create_bucket(Bucket=bucket)
    # A copy in parts takes the tags along, and asks for them.
    keys = account.session_of(f"engine-{number}", *bucket_statements(bucket, "s3:GetObjectTagging", "s3:PutObjectTagging"))
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[default]\ns3 =\n  addressing_style = path\n  max_concurrent_requests = 4\n")
    tool = Tool(installed("aws") if number == 0 else request.param, tmp_path, {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"], "AWS_SESSION_TOKEN": keys["SessionToken"],
        "AWS_DEFAULT_REGION": REGION})
    tool.bucket, tool.files = bucket, FILES[min(number, 1)]
    tool.s3 = lambda *arguments: tool.ok("--endpoint-url", account.endpoint, "s3", *arguments)
    tool.s3_refused = lambda *arguments: tool.refused("--endpoint-url", account.endpoint, "s3", *arguments)
    return tool


def test_sync_both_ways(aws, tmp_path):
    there, tree, back = f"s3://{aws.bucket}/tree", tmp_path / "tree", tmp_path / "back"
    make_tree(tree, aws.files)
    aws.s3("sync", tree, there, "--quiet")
    assert aws.s3("sync", tree, there, "--dryrun") == ""  # all of it is there
    aws.s3("sync", there, back, "--quiet")
    assert count(back) == aws.files and same(tree, back)

    # What changed and what went, and no more, in the other direction.
    changed = back / "d7/e0/with space 7.bin"
    changed.write_bytes(b"changed and longer than it was" * 300)
    (back / "d8/e1/plus+and& 8.bin").unlink()
    did = aws.s3("sync", back, there, "--delete", "--no-progress").splitlines()
    assert sorted(line.split(":")[0] for line in did) == ["delete", "upload"], did
    assert aws.s3("sync", back, there, "--delete", "--dryrun") == ""
    summary = aws.s3("ls", "--recursive", "--summarize", there)
    assert f"Total Objects: {aws.files - 1}" in summary


def test_large_files_go_in_parts(aws, tmp_path):
    (tmp_path / "big").write_bytes(os.urandom(40_000_000))
    aws.s3("cp", "big", f"s3://{aws.bucket}/big", "--quiet")
    aws.s3("cp", f"s3://{aws.bucket}/big", f"s3://{aws.bucket}/copy", "--quiet")
    aws.s3("mv", f"s3://{aws.bucket}/copy", "moved", "--quiet")
    assert (tmp_path / "moved").read_bytes() == (tmp_path / "big").read_bytes()
    assert aws.s3("ls", f"s3://{aws.bucket}/").split()[-1] == "big"
    aws.s3("rm", f"s3://{aws.bucket}/", "--recursive", "--quiet")
    assert aws.s3("ls", f"s3://{aws.bucket}/", "--summarize").split()[-4:] == ["0", "Total", "Size:", "0"]


def test_nothing_beyond_the_bucket(aws, account):
    account.client("s3").create_bucket(Bucket=f"other-of-{aws.bucket}")
    said = aws.s3_refused("ls", f"s3://other-of-{aws.bucket}")
    assert "(AccessDenied)" in said and "is not authorized to perform: s3:ListBucket on resource" in said
