"""What the suites of this folder share: an account with roles, command line tools with homes of their own, trees of files."""

import json
import os
import pathlib
import random
import shutil
import subprocess

import boto3
import pytest

HERE = pathlib.Path(__file__).resolve().parent
REGION = "us-east-1"


class Account:
    """A started server, its administrator's clients, and sessions of roles."""

    def __init__(self, server):
        self.server = server
        self.endpoint = server.env["endpoint"]
        self.host = self.endpoint.removeprefix("http://")
        self.owner = boto3.Session(server.env["accessKeyId"], server.env["secretAccessKey"], region_name=REGION)
        self.user = None
        self.sessions = {}
        self.me = self.client("sts").get_caller_identity()

    def client(self, service, session=None):
        return (session or self.owner).client(service, endpoint_url=self.endpoint)

    def session_of(self, role, *statements):
        """Credentials of the role, made when it is not there, that the account's user may assume and that is allowed the statements."""
        if role in self.sessions:
            return self.sessions[role]
        iam = self.client("iam")
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": self.me["Account"]}, "Action": "sts:AssumeRole"}]}
        arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
        owner = boto3.Session(*self._user_keys(), region_name=REGION)
        self.sessions[role] = self.client("sts", owner).assume_role(RoleArn=arn, RoleSessionName="tools")["Credentials"]
        return self.sessions[role]

    def _user_keys(self):
        """A user that may assume roles: the root user cannot."""
        if self.user is None:
            iam = self.client("iam")
            iam.create_user(UserName="operator")
            iam.put_user_policy(UserName="operator", PolicyName="p", PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}}))
            key = iam.create_access_key(UserName="operator")["AccessKey"]
            self.user = (key["AccessKeyId"], key["SecretAccessKey"])
        return self.user


def bucket_statements(bucket, *more):
    """What a data platform gives the role of its engine: list and use one bucket, and actions on its objects beyond that."""
    return ({"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
             "Resource": f"arn:aws:s3:::{bucket}"},
            {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", *more],
             "Resource": f"arn:aws:s3:::{bucket}/*"})


class Tool:
    """A command line tool with a home of its own."""

    def __init__(self, path, home, environment=None):
        self.path, self.home = path, home
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", **(environment or {})}

    def run(self, *arguments, timeout=240, **options):
        return subprocess.run([self.path, *map(str, arguments)], cwd=self.home, env=self.environment, capture_output=True, text=True,
                              timeout=timeout, check=False, **options)

    def ok(self, *arguments, **options):
        done = self.run(*arguments, **options)
        assert done.returncode == 0, f"{arguments}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def refused(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode != 0, done.stdout[-2000:]
        return done.stdout + done.stderr


def installed(name):
    """A Debian package's own program, wherever else on PATH another may be."""
    path = shutil.which(name, path="/usr/bin:/bin")
    if path is None:
        pytest.skip(f"there is no {name}: scripts/deps.sh test")
    return path


def make_tree(folder, count, seed=1):
    """`count` files of 0 to 8,000 bytes in nested folders, some with names that need encoding."""
    dice = random.Random(seed)
    names = ("plain", "with space", "plus+and&", "percent%20", "umläut", "quo'te")
    for number in range(count):
        place = folder / f"d{number % 50}" / f"e{number % 7}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{names[number % len(names)]} {number}.bin").write_bytes(dice.randbytes(dice.choice((0, 1, 100, 1000, 8000))))


def same(left, right):
    return subprocess.run(["diff", "-r", left, right], capture_output=True, text=True, check=False).stdout == ""


def count(folder):
    return sum(len(files) for _, _, files in os.walk(folder))
