"""A Gatehouse of its own for one script, or a real account."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
START_LIMIT = 20  # seconds; it takes a tenth of one


def binary():
    return os.environ.get("GATEHOUSE_BIN", str(ROOT / "build/release/gatehouse"))


class ServerFailed(Exception):
    pass


class Gatehouse:
    """Started on a free port with a fresh data directory; stopped by its process id, and its directory removed."""

    is_aws = False

    def __init__(self, *options):
        if not os.access(binary(), os.X_OK):
            raise ServerFailed(f"there is no {binary()}; build it, or set GATEHOUSE_BIN")
        self.scratch = tempfile.mkdtemp(prefix="gatehouse-api-")
        self.data = os.path.join(self.scratch, "data")
        self.log_path = os.path.join(self.scratch, "log")
        self.options = options
        self.start()

    def start(self):
        """Again too, after `process` has ended: on the same data, at another port."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [binary(), "serve", "--listen", "127.0.0.1:0", "--data", self.data, *self.options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self.env = self._await()
        except BaseException:
            self.stop()
            raise

    def _await(self):
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ServerFailed(f"the server ended with {self.process.returncode}:\n{self.log()}")
            asked = self.run(["env", "--data", self.data, "--output", "json"])
            if asked.returncode == 0:
                env = json.loads(asked.stdout)
                with urllib.request.urlopen(env["endpoint"] + "/_gatehouse/health", timeout=5) as answer:
                    if answer.status == 200:
                        return env
            time.sleep(0.02)
        raise ServerFailed(f"the server was not ready after {START_LIMIT} s:\n{self.log()}")

    def run(self, arguments, stdin="", environment=None):
        return subprocess.run([binary(), *arguments], input=stdin, text=True, timeout=60,
                              capture_output=True, env=environment)

    def log(self):
        return pathlib.Path(self.log_path).read_text(errors="replace")[-4000:]

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.scratch, ignore_errors=True)


class RealAccount:
    """GATEHOUSE_TEST_ENDPOINT=aws: the account of the default credential chain."""

    is_aws = True

    def __init__(self):
        import botocore.session

        session = botocore.session.get_session()
        keys = session.get_credentials().get_frozen_credentials()
        region = session.get_config_variable("region") or "us-east-1"
        account = session.create_client("sts", region_name=region).get_caller_identity()["Account"]
        self.data = ""
        self.env = {"endpoint": None, "region": region, "account": account, "accessKeyId": keys.access_key,
                    "secretAccessKey": keys.secret_key, "sessionToken": keys.token}

    def alive(self):
        return True

    def log(self):
        return ""

    def stop(self):
        pass


def start():
    return RealAccount() if os.environ.get("GATEHOUSE_TEST_ENDPOINT") == "aws" else Gatehouse()
