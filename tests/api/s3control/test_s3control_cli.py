"""The account's public access block by every AWS CLI on PATH, with what `gatehouse env` exports.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-account.html
"""

import json
import subprocess

import pytest
from runner.clis import found_clis
from runner.server import Gatehouse, binary

FLAGS = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
CLIS = found_clis()


@pytest.fixture(scope="module", name="server")
def server_fixture():
    server = Gatehouse()
    yield server
    server.stop()


def aws(server, client, region, *words):
    script = f'eval "$({binary()} env --data {server.data})"; export AWS_REGION={region}; exec "$@"'
    return subprocess.run(["bash", "-c", script, "-", client, "--region", region, "s3control", *words,
                           "--account-id", server.env["account"]], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
@pytest.mark.parametrize("version", CLIS)
def test_the_block_is_put_read_and_deleted(server, version, region):
    none = aws(server, CLIS[version], region, "get-public-access-block")
    assert none.returncode != 0 and "NoSuchPublicAccessBlockConfiguration" in none.stderr
    put = aws(server, CLIS[version], region, "put-public-access-block", "--public-access-block-configuration",
              ",".join(f"{flag}=true" for flag in FLAGS))
    assert put.returncode == 0, put.stderr
    got = json.loads(aws(server, CLIS[version], region, "get-public-access-block").stdout)
    assert got == {"PublicAccessBlockConfiguration": dict.fromkeys(FLAGS, True)}
    gone = aws(server, CLIS[version], region, "delete-public-access-block")
    assert gone.returncode == 0, gone.stderr
