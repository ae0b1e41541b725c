"""A server whose disk fills up, and one whose disk becomes read-only: refused with 5xx, nothing half kept, and it goes on when the disk does.

The store lies on a small file system of its own (tmpfs, in a mount namespace that only this server is in).
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from runner.server import binary

SIZE = 24 << 20


class SmallDisk:
    """A server over a file system of SIZE bytes."""

    def __init__(self, folder):
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.store = os.path.join(self.data, "store")
        os.makedirs(self.store, mode=0o700)
        os.chmod(self.data, 0o700)
        script = f"mount -t tmpfs -o size={SIZE},mode=700 none {self.store} && exec {binary()} serve --listen 127.0.0.1:0 --data {self.data} --log-level error"
        self.process = subprocess.Popen(["unshare", "--mount", "sh", "-c", script], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while True:
            if self.process.poll() is not None:
                pytest.skip("no file system may be mounted here")
            asked = self.ask("env")
            if asked.returncode == 0:
                break
            assert time.monotonic() < deadline, "the server is not ready"
            time.sleep(0.02)
        self.env = json.loads(asked.stdout)

    def ask(self, *arguments):
        return subprocess.run([binary(), *arguments, "--data", self.data, "--output", "json"], capture_output=True, text=True, timeout=60, check=False)

    def client(self):
        return boto3.client("s3", endpoint_url=self.env["endpoint"], region_name="us-east-1", aws_access_key_id=self.env["accessKeyId"],
                            aws_secret_access_key=self.env["secretAccessKey"], config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))

    def inside(self, *command):
        subprocess.run(["nsenter", "--mount", "--target", str(self.process.pid), *command], check=True)

    def alive(self):
        with urllib.request.urlopen(self.env["endpoint"] + "/_gatehouse/health", timeout=5) as answer:
            return answer.status == 200 and self.process.poll() is None

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()


@pytest.fixture(name="disk")
def disk_fixture():
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("mounting a file system needs root")
    folder = tempfile.mkdtemp(prefix="gatehouse-disk-")
    server = None
    try:
        server = SmallDisk(folder)
        yield server
    finally:
        if server:
            server.stop()
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)


def refusal(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    answer = raised.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def put_once_it_can(s3, **wanted):
    """The server finds out by itself that the disk is well again; until then it goes on refusing."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return s3.put_object(Bucket="lake", **wanted)
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500 and time.monotonic() < deadline
            time.sleep(0.2)


def test_a_full_disk(disk):
    s3 = disk.client()
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="first", Body=b"f" * 1_000_000)
    kept = {"first"}
    code = None
    for n in range(40):
        try:
            s3.put_object(Bucket="lake", Key=f"fill/{n}", Body=os.urandom(1_000_000))
            kept.add(f"fill/{n}")
        except ClientError as error:
            code = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            break
    assert code == ("ServiceUnavailable", 503) and len(kept) > 10
    assert disk.alive()
    # What is there is there, and can be read and listed; what was refused is not.
    assert {o["Key"] for o in s3.list_objects_v2(Bucket="lake")["Contents"]} == kept
    assert s3.get_object(Bucket="lake", Key="first")["Body"].read() == b"f" * 1_000_000
    assert refusal(s3.get_object, Bucket="lake", Key=f"fill/{len(kept) - 1}") == (404, "NoSuchKey")
    # Deleting makes room: a deletion writes less than it frees.
    for key in list(kept - {"first"})[:8]:
        s3.delete_object(Bucket="lake", Key=key)
        kept.discard(key)
    put_once_it_can(s3, Key="after", Body=b"a" * 1_000_000)
    kept.add("after")
    assert {o["Key"] for o in s3.list_objects_v2(Bucket="lake")["Contents"]} == kept
    for key in kept:
        assert len(s3.get_object(Bucket="lake", Key=key)["Body"].read()) == 1_000_000


def test_a_disk_that_became_read_only(disk):
    s3 = disk.client()
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="k", Body=b"before" * 100_000)
    # The same file system, mounted a second time over itself and read-only there: files that are open stay as they are.
    disk.inside("mount", "--bind", disk.store, disk.store)
    disk.inside("mount", "-o", "remount,bind,ro", disk.store)
    status, code = refusal(s3.put_object, Bucket="lake", Key="k", Body=b"during" * 100_000)
    assert (status, code) in ((500, "InternalError"), (503, "ServiceUnavailable"))
    assert disk.alive()
    assert s3.get_object(Bucket="lake", Key="k")["Body"].read() == b"before" * 100_000
    disk.inside("umount", disk.store)
    put_once_it_can(s3, Key="k", Body=b"after" * 100_000)
    assert s3.get_object(Bucket="lake", Key="k")["Body"].read() == b"after" * 100_000
