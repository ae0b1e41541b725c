"""A server whose clock a test can move: it runs under libfaketime, and botocore signs by the same clock."""

import datetime
import glob
import os
import time
import types

import boto3
import botocore.auth
from botocore.config import Config

from .server import Gatehouse

LIBRARY = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
MISSING = "libfaketime is not installed (scripts/deps.sh run)"


class Clock:
    """The server's, and that of the signatures it is sent."""

    def __init__(self, folder, monkeypatch):
        self.file = folder / "time"
        self.seconds = 0
        self.move()
        monkeypatch.setattr(botocore.auth, "datetime", self._for_botocore())
        # Where awscrt is installed it would sign, by its own clock.
        monkeypatch.setitem(botocore.auth.AUTH_TYPE_MAPS, "s3v4", botocore.auth.S3SigV4Auth)

    def move(self, days=0, seconds=0):
        self.seconds += days * 86400 + seconds
        written = self.file.with_suffix(".new")
        written.write_text(f"+{self.seconds}s\n", encoding="ascii")
        written.rename(self.file)

    def server(self, monkeypatch):
        with monkeypatch.context() as patch:
            for name, value in self._environment().items():
                patch.setenv(name, value)
            return Gatehouse()

    def _environment(self):
        return {"LD_PRELOAD": LIBRARY, "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def _for_botocore(self):
        clock = self

        class Moved(datetime.datetime):
            @classmethod
            def utcnow(cls):
                return datetime.datetime.utcnow() + datetime.timedelta(seconds=clock.seconds)

        return types.SimpleNamespace(datetime=Moved)


def s3_of(server):
    return boto3.client("s3", endpoint_url=server.env["endpoint"], region_name="us-east-1", aws_access_key_id=server.env["accessKeyId"],
                        aws_secret_access_key=server.env["secretAccessKey"], config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))


def until(found, wanted, seconds=15):
    """Chores are done beside the calls: what they change is waited for."""
    deadline = time.monotonic() + seconds
    while found() != wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    assert found() == wanted
