"""`gatehouse fsck` finds what is not as it was written; kill -9 under load loses nothing that was acknowledged.

GATEHOUSE_CRASH_ROUNDS says how often the server is killed.
"""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from runner.server import binary

ROUNDS = int(os.environ.get("GATEHOUSE_CRASH_ROUNDS", "10"))


class Server:
    """One data directory, served as often as it is asked for."""

    def __init__(self, data):
        self.data = data
        self.process = None

    def start(self):
        self.process = subprocess.Popen([binary(), "serve", "--listen", "127.0.0.1:0", "--data", self.data, "--log-level", "error"])
        while True:
            assert self.process.poll() is None, "the server does not start again"
            asked = self.run("env")
            if asked.returncode == 0:
                self.env = json.loads(asked.stdout)
                with urllib.request.urlopen(self.env["endpoint"] + "/_gatehouse/health", timeout=5):
                    return
            time.sleep(0.01)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait()
        self.process = None

    def run(self, command):
        return subprocess.run([binary(), command, "--data", self.data, "--output", "json"], capture_output=True, text=True, timeout=120, check=False)

    def fsck(self):
        done = self.run("fsck")
        return done.returncode, json.loads(done.stdout)

    def client(self):
        return boto3.client("s3", endpoint_url=self.env["endpoint"], region_name="us-east-1", aws_access_key_id=self.env["accessKeyId"],
                            aws_secret_access_key=self.env["secretAccessKey"],
                            config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}, connect_timeout=5, read_timeout=10))

    def blobs(self):
        return sorted(p for p in pathlib.Path(self.data, "store", "blobs").glob("??/*"))


@pytest.fixture(name="server")
def server_fixture():
    folder = tempfile.mkdtemp(prefix="gatehouse-fsck-")
    server = Server(os.path.join(folder, "data"))
    server.start()
    yield server
    if server.process:
        server.stop()
    shutil.rmtree(folder)


def test_all_is_well(server):
    s3 = server.client()
    s3.create_bucket(Bucket="lake")
    s3.put_bucket_versioning(Bucket="lake", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"", b"small", b"x" * 200_000):
        s3.put_object(Bucket="lake", Key="k", Body=body, ServerSideEncryption="aws:kms" if body == b"small" else "AES256")
    upload = s3.create_multipart_upload(Bucket="lake", Key="parts", ChecksumAlgorithm="SHA256")["UploadId"]
    of = {"Bucket": "lake", "Key": "parts", "UploadId": upload}
    parts = [{"PartNumber": n, **{k: v for k, v in s3.upload_part(PartNumber=n, Body=body, ChecksumAlgorithm="SHA256", **of).items() if k in ("ETag", "ChecksumSHA256")}}
             for n, body in ((1, b"a" * (5 << 20)), (2, b"tail"))]
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **of)
    upload = s3.create_multipart_upload(Bucket="lake", Key="open")["UploadId"]
    s3.upload_part(Bucket="lake", Key="open", UploadId=upload, PartNumber=1, Body=b"p")
    assert server.run("fsck").returncode == 3  # while the server runs
    server.stop()
    code, report = server.fsck()
    assert (code, report["findings"]) == (0, [])
    assert (report["versions"], report["parts"], report["blobs"]) == (4, 1, 4)


def test_damage_is_found(server):
    s3 = server.client()
    s3.create_bucket(Bucket="lake")
    for key in ("altered", "gone", "cut", "fine"):
        s3.put_object(Bucket="lake", Key=key, Body=key.encode() * 50_000)
        blobs = server.blobs()
        if key == "altered":
            altered = blobs[0]
        elif key == "gone":
            gone = next(b for b in blobs if b != altered)
        elif key == "cut":
            cut = next(b for b in blobs if b not in (altered, gone))
    server.stop()
    with open(altered, "r+b") as file:
        file.seek(100_000)
        byte = file.read(1)
        file.seek(100_000)
        file.write(bytes([byte[0] ^ 1]))
    gone.unlink()
    os.truncate(cut, 1000)
    (altered.parent / (altered.name[:2] + "0" * 30)).write_bytes(b"nobody's")
    code, report = server.fsck()
    assert code == 1
    assert {(f["kind"], f["where"]) for f in report["findings"] if f["kind"] != "orphan"} == {
        ("damaged", "lake/altered"), ("missing", "lake/gone"), ("damaged", "lake/cut")}
    assert report["orphans"] == 1
    # The next start collects what no record names, and serves what is whole; what is not is never passed off as data.
    server.start()
    s3 = server.client()
    assert s3.get_object(Bucket="lake", Key="fine")["Body"].read() == b"fine" * 50_000
    with pytest.raises((ClientError, BotoCoreError)):
        s3.get_object(Bucket="lake", Key="altered")["Body"].read()
    deadline = time.monotonic() + 10
    while len(server.blobs()) > 3 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(server.blobs()) == 3


class Writer(threading.Thread):
    """Writes, copies and deletes its own keys until the server is gone; knows what was acknowledged, and what was under way."""

    def __init__(self, server, number):
        super().__init__()
        self.s3 = server.client()
        self.number = number
        self.done = {}  # key: body, or None once deleted
        self.trying = None

    def run(self):
        dice = random.Random()
        try:
            while True:
                key = f"{self.number}/{dice.randrange(20)}"
                body = None if dice.random() < 0.2 else os.urandom(8) * dice.choice((1, 100, 20_000))
                self.trying = (key, body)
                if body is None:
                    self.s3.delete_object(Bucket="lake", Key=key)
                else:
                    dice.choice((self.put, self.put, self.put_in_parts, self.put_by_copy))(key, body)
                self.done[key] = body
        except (BotoCoreError, ClientError):
            pass

    def put(self, key, body):
        self.s3.put_object(Bucket="lake", Key=key, Body=body)

    def put_in_parts(self, key, body):
        of = {"Bucket": "lake", "Key": key}
        of["UploadId"] = self.s3.create_multipart_upload(**of)["UploadId"]
        etag = self.s3.upload_part(PartNumber=1, Body=body, **of)["ETag"]
        self.s3.complete_multipart_upload(MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}, **of)

    def put_by_copy(self, key, body):
        source = f"sources/{self.number}"
        self.put(source, body)
        self.s3.copy_object(Bucket="lake", Key=key, CopySource=f"lake/{source}")


def content(s3, key):
    try:
        return s3.get_object(Bucket="lake", Key=key)["Body"].read()
    except ClientError as error:
        assert error.response["Error"]["Code"] == "NoSuchKey"
        return None


def test_killed_at_random_moments(server):
    server.client().create_bucket(Bucket="lake")
    known, dice, acknowledged = {}, random.Random(), 0
    for _ in range(ROUNDS):
        writers = [Writer(server, n) for n in range(4)]
        for writer in writers:
            writer.start()
        time.sleep(dice.uniform(0.05, 0.4))
        server.stop(signal.SIGKILL)
        for writer in writers:
            writer.join()
        code, report = server.fsck()
        assert code == 0, report["findings"]
        server.start()
        s3 = server.client()
        for writer in writers:
            acknowledged += len(writer.done)
            known.update(writer.done)
            # What was under way may have been done or not, and nothing else.
            key, body = writer.trying
            now = content(s3, key)
            assert now in (body, known.get(key)), f"{key} is neither what it was nor what it was to be"
            known[key] = now
        for key, body in known.items():
            assert content(s3, key) == body, f"{key} was acknowledged and is not there"
    assert acknowledged > 0
    # Nothing is left that the sweep of a start does not collect.
    server.stop()
    server.start()
    time.sleep(1.5)
    server.stop()
    code, report = server.fsck()
    assert (code, report["findings"]) == (0, [])
