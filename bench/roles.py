"""What many roles cost, in one run: a server with ten roles beside one with 100,000, each role with a policy of its own.

* memory for each role (what the process grew by, and what the data directory did);
* from start to the first answered call;
* a call under one of the roles (GetCallerIdentity, AssumeRole, a signed GET): its rate and CPU on either server.

    /usr/bin/python3 bench/roles.py [--roles 100000] [--seconds 5]
"""

import argparse
import datetime
import http.client
import json
import multiprocessing
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
from server import REGION, Lua, client, cpu_seconds, gatehouse_serve, resident_mb, wrk

WRITERS = 2  # processes
THREADS = 32  # in each, so that writes share their syncs


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def documents(account, n):
    """The trust policy and the policy of role `n`, as a platform's installer would write them."""
    trust = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"sts:ExternalId": f"workspace-{n}"}}})
    grants = policy({"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
                     "Resource": ["arn:aws:s3:::bench", f"arn:aws:s3:::bench/{n}/*", "arn:aws:s3:::bench/kib"]})
    return trust, grants


def write_roles(facts, numbers):
    """CreateRole and PutRolePolicy for each number, over connections that stay open."""
    credentials = botocore.credentials.Credentials(facts["accessKeyId"], facts["secretAccessKey"])
    where = urllib.parse.urlsplit(facts["endpoint"]).netloc

    def call(connection, **form):
        body = urllib.parse.urlencode({"Version": "2010-05-08", **form})
        request = botocore.awsrequest.AWSRequest("POST", facts["endpoint"] + "/", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        botocore.auth.SigV4Auth(credentials, "iam", REGION).add_auth(request)
        connection.request("POST", "/", body, dict(request.headers.items()))
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{form['Action']}: {answer.status} {text.decode()}")

    def work(part):
        connection = http.client.HTTPConnection(where)
        for n in part:
            trust, grants = documents(facts["account"], n)
            call(connection, Action="CreateRole", RoleName=f"role-{n}", AssumeRolePolicyDocument=trust)
            call(connection, Action="PutRolePolicy", RoleName=f"role-{n}", PolicyName="read", PolicyDocument=grants)

    threads = [threading.Thread(target=work, args=(numbers[i::THREADS],)) for i in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def make(facts, roles):
    parts = [multiprocessing.Process(target=write_roles, args=(facts, range(w, roles, WRITERS))) for w in range(WRITERS)]
    for part in parts:
        part.start()
    for part in parts:
        part.join()
    s3 = client(facts, "s3")
    s3.create_bucket(Bucket="bench")
    s3.put_object(Bucket="bench", Key="kib", Body=os.urandom(1024))
    iam = client(facts, "iam")
    iam.create_user(UserName="caller")
    iam.put_user_policy(UserName="caller", PolicyName="assume", PolicyDocument=policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}))
    return iam.create_access_key(UserName="caller")["AccessKey"]


def measure(facts, pid, key, middle, work, seconds):
    """{call: (a second, CPU microseconds)} under the role in the middle."""
    role = f"arn:aws:iam::{facts['account']}:role/role-{middle}"
    user = botocore.credentials.Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    sts = boto3.client("sts", endpoint_url=facts["endpoint"], region_name=REGION, aws_access_key_id=user.access_key, aws_secret_access_key=user.secret_key)
    c = sts.assume_role(RoleArn=role, RoleSessionName="bench", ExternalId=f"workspace-{middle}")["Credentials"]
    session = botocore.credentials.Credentials(c["AccessKeyId"], c["SecretAccessKey"], c["SessionToken"])
    assume = urllib.parse.urlencode({"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": role, "RoleSessionName": "bench", "ExternalId": f"workspace-{middle}"})
    calls = {
        "GetCallerIdentity": Lua(work / "identity.lua").signed(facts["endpoint"] + "/", session, "sts", "Action=GetCallerIdentity&Version=2011-06-15"),
        "AssumeRole": Lua(work / "assume.lua").signed(facts["endpoint"] + "/", user, "sts", assume),
        "GET of 1 KiB": Lua(work / "get.lua").signed(facts["endpoint"] + "/bench/kib", session, "s3"),
    }
    out = {}
    for name, lua in calls.items():
        wrk(lua.url, lua.path, 1)
        before = cpu_seconds(pid)
        rate, count = wrk(lua.url, lua.path, seconds)
        out[name] = rate, (cpu_seconds(pid) - before) / count * 1e6
    return out


def size_mb(folder):
    return int(subprocess.run(["du", "-sk", folder], capture_output=True, text=True, check=True).stdout.split()[0]) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--roles", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{datetime.date.today()}, {os.cpu_count()} cores, load before the run {os.getloadavg()[0]:.2f}")
    figures = {}
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        work = pathlib.Path(folder)
        for roles in (10, arguments.roles):
            data = work / f"data-{roles}"
            process, facts, _ = gatehouse_serve(data)
            key = make(facts, roles)
            process.send_signal(signal.SIGTERM)
            process.wait()
            process, facts, first = gatehouse_serve(data)
            memory = resident_mb(process.pid)
            try:
                figures[roles] = first, memory, size_mb(data), measure(facts, process.pid, key, roles // 2, work, arguments.seconds)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait()
    few, many = figures[10], figures[arguments.roles]
    print(f"{arguments.roles} roles: {(many[1] - few[1]) * 1024 / arguments.roles:.2f} KiB of memory for each ({few[1]:.0f} MB with ten, {many[1]:.0f} MB with all), "
          f"{(many[2] - few[2]) * 1024 / arguments.roles:.2f} KiB on disk; start to first answered call {few[0] * 1000:.0f} ms and {many[0] * 1000:.0f} ms")
    for name, (rate, cpu) in few[3].items():
        other_rate, other_cpu = many[3][name]
        print(f"{name}: {rate:.0f}/s at {cpu:.1f} us CPU with ten roles, {other_rate:.0f}/s at {other_cpu:.1f} us with {arguments.roles}; "
              f"ratio {rate / other_rate:.2f} in time, {other_cpu / cpu:.2f} in CPU (goal 1.20)")


if __name__ == "__main__":
    main()
