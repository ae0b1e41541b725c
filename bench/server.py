"""What the server costs, beside its peers, in one run on the same cores:

* a signed GET of 1 KiB and GetCallerIdentity with full enforcement, against nginx serving the bytes (wrk, 16 connections);
* AssumeRoleWithWebIdentity, every token distinct and every one verified, against `openssl speed` verifying RSA 2048;
* from start to the first answered call, and the memory of the idle server.

    /usr/bin/python3 bench/server.py [--seconds 10] [--tokens 20000]

Needs nginx, wrk and openssl (scripts/deps.sh test), and the release build.
"""

import argparse
import base64
import contextlib
import datetime
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
from botocore.signers import RequestSigner

ROOT = pathlib.Path(__file__).resolve().parent.parent
GATEHOUSE = ROOT / "build/release/gatehouse"
REGION = "us-east-1"
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    """User and system time of a process and its children."""
    total = 0.0
    for task in [pid, *map(int, subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split())]:
        with contextlib.suppress(FileNotFoundError):
            fields = pathlib.Path(f"/proc/{task}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def resident_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def wrk(url, script, seconds, connections=16):
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script, url], capture_output=True, text=True, check=True)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])
    count = int(re.search(r"(\d+) requests in", done.stdout)[1])
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    if wrong:
        sys.exit(f"{wrong[1]} of {count} requests were not answered with 2xx\n{done.stdout}")
    return rate, count


class Lua:
    """A script for wrk: one request, signed once and sent again and again."""

    def __init__(self, path):
        self.path, self.url = path, None

    def signed(self, url, credentials, service, body=None):
        self.url = url
        form = {} if body is None else {"Content-Type": "application/x-www-form-urlencoded"}
        request = botocore.awsrequest.AWSRequest("GET" if body is None else "POST", url, data=body, headers=form)
        signer = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
        signer(credentials, service, REGION).add_auth(request)
        lines = [f'wrk.method = "{request.method}"', *(f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in request.headers.items())]
        if body is not None:
            lines.append(f"wrk.body = {json.dumps(body)}")
        self.path.write_text("\n".join(lines), encoding="utf-8")
        return self


def gatehouse_serve(data, environment=None):
    """Starts the server; returns the process, its facts, and the time to the first answered call."""
    started = time.monotonic()
    process = subprocess.Popen([GATEHOUSE, "serve", "--data", data, "--listen", f"127.0.0.1:{free_port()}", "--log-level", "error"],
                               env={**os.environ, **(environment or {})})
    port = int(process.args[-3].split(":")[1])
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/_gatehouse/health")
            if connection.getresponse().status == 200:
                break
        except OSError:
            time.sleep(0.001)
    first = time.monotonic() - started
    facts = json.loads(subprocess.run([GATEHOUSE, "env", "--data", data, "--output", "json"], capture_output=True, text=True, check=True).stdout)
    return process, facts, first


@contextlib.contextmanager
def nginx_serving(files, work):
    """nginx with two workers over `files` (name: content), with an access log; has `url` and `pid`."""
    site = work / "site"
    site.mkdir()
    for name, content in files.items():
        (site / name).write_bytes(content)
    port = free_port()
    conf = work / "nginx.conf"
    conf.write_text(f"""worker_processes 2; daemon off; pid {work}/nginx.pid; error_log {work}/nginx.err;
events {{ worker_connections 1024; }}
http {{ access_log {work}/access.log; sendfile on; tcp_nodelay on; keepalive_requests 1000000; open_file_cache max=100;
  server {{ listen 127.0.0.1:{port}; root {site}; }} }}""", encoding="utf-8")
    os.chmod(work, 0o755)
    nginx = subprocess.Popen(["/usr/sbin/nginx", "-c", conf], stderr=subprocess.DEVNULL)
    nginx.url = f"http://127.0.0.1:{port}"
    time.sleep(0.5)
    try:
        yield nginx
    finally:
        nginx.send_signal(signal.SIGTERM)
        nginx.wait()


def client(facts, service):
    return boto3.client(service, endpoint_url=facts["endpoint"], region_name=REGION, aws_access_key_id=facts["accessKeyId"],
                        aws_secret_access_key=facts["secretAccessKey"])


def bench_get(facts, pid, work, seconds):
    body = os.urandom(1024)
    s3 = client(facts, "s3")
    s3.create_bucket(Bucket="bench")
    s3.put_object(Bucket="bench", Key="kib", Body=body)
    # A role session with a policy, so that the whole way is gone: session, identity policy, statement, trail.
    iam = client(facts, "iam")
    allow = {"Version": "2012-10-17", "Statement": [
        {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::bench", "arn:aws:s3:::bench/*"]}]}
    user = iam.create_user(UserName="reader")["User"]
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": user["Arn"]}, "Action": "sts:AssumeRole"}]}))
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=json.dumps(allow))
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    sts = boto3.client("sts", endpoint_url=facts["endpoint"], region_name=REGION, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    session = sts.assume_role(RoleArn=f"arn:aws:iam::{facts['account']}:role/reader", RoleSessionName="bench")["Credentials"]
    signs = botocore.credentials.Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    get = Lua(work / "get.lua").signed(f"{facts['endpoint']}/bench/kib", signs, "s3")
    identity = Lua(work / "identity.lua").signed(f"{facts['endpoint']}/", signs, "sts", "Action=GetCallerIdentity&Version=2011-06-15")

    plain = work / "plain.lua"
    plain.write_text('wrk.method = "GET"\n', encoding="utf-8")
    rows = {}
    with nginx_serving({"kib": body}, work) as nginx:
        for name, url, lua, server in (("nginx", f"{nginx.url}/kib", plain, nginx.pid), ("get", get.url, get.path, pid),
                                       ("identity", identity.url, identity.path, pid)):
            wrk(url, lua, 1)
            before = cpu_seconds(server)
            rate, count = wrk(url, lua, seconds)
            rows[name] = (rate, (cpu_seconds(server) - before) / count * 1e6)
    static = rows["nginx"]
    print(f"16 connections; nginx, 1 KiB: {static[0]:.0f}/s at {static[1]:.1f} us CPU each")
    for name, key, goal in (("signed GET of 1 KiB", "get", 0.5), ("GetCallerIdentity", "identity", 0.6)):
        print(f"{name}: {rows[key][0]:.0f}/s at {rows[key][1]:.1f} us CPU; ratio {rows[key][0] / static[0]:.2f} (goal {goal:.2f})")


def kubernetes(facts, cluster):
    """A connection to the cluster's API and the headers that let its creator in."""
    session = boto3.Session(facts["accessKeyId"], facts["secretAccessKey"], region_name=REGION)
    signer = RequestSigner(session.client("sts").meta.service_model.service_id, REGION, "sts", "v4", session.get_credentials(), session.events)
    url = signer.generate_presigned_url(
        {"method": "GET", "url": f"https://sts.{REGION}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", "body": {},
         "headers": {"x-k8s-aws-id": cluster["name"]}, "context": {}}, region_name=REGION, expires_in=60, operation_name="")
    token = "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).rstrip(b"=").decode()
    where = urllib.parse.urlsplit(cluster["endpoint"])
    context = ssl.create_default_context(cafile=facts["caBundle"])
    return http.client.HTTPSConnection(where.hostname, where.port, context=context), where.path, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def bench_web_identity(facts, pid, work, tokens):
    ec2, eks, iam = client(facts, "ec2"), client(facts, "eks"), client(facts, "iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="cluster", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"][:2]]
    cluster = eks.create_cluster(name="bench", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})["cluster"]
    cluster = eks.describe_cluster(name="bench")["cluster"]
    issuer = cluster["identity"]["oidc"]["issuer"]
    host = issuer.removeprefix("https://")
    iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40])
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": f"arn:aws:iam::{facts['account']}:oidc-provider/{host}"}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{host}:sub": "system:serviceaccount:default:default"}}}]}
    role = iam.create_role(RoleName="pod", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]

    connection, path, headers = kubernetes(facts, cluster)
    wanted = work / "tokens.lua"
    made = set()
    with open(wanted, "w", encoding="ascii") as out:
        out.write("local tokens = {\n")
        for n in range(tokens):
            body = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"audiences": ["sts.amazonaws.com"], "expirationSeconds": 3600 + n}})
            connection.request("POST", f"{path}/api/v1/namespaces/default/serviceaccounts/default/token", body, headers)
            answer = json.loads(connection.getresponse().read())
            made.add(answer["status"]["token"])
            out.write(f'"{answer["status"]["token"]}",\n')
        out.write("}\nlocal next = 0\n")
        out.write('wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n')
        out.write("request = function()\n  next = next + 1\n  if next > #tokens then wrk.thread:stop() return nil end\n")
        out.write(f'  return wrk.format(nil, "/", nil, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=bench&RoleArn={urllib.parse.quote(role, safe="")}&WebIdentityToken=" .. tokens[next])\nend\n')
    if len(made) != tokens:
        sys.exit(f"{tokens - len(made)} tokens were not distinct")

    def answered():
        text = http.client.HTTPConnection(urllib.parse.urlsplit(facts["endpoint"]).netloc)
        text.request("GET", "/_gatehouse/metrics")
        found = re.search(r'gatehouse_requests_total\{service="sts",operation="AssumeRoleWithWebIdentity",status="200"\} (\d+)', text.getresponse().read().decode())
        return int(found[1]) if found else 0

    before, cpu = answered(), cpu_seconds(pid)
    subprocess.run(["wrk", "-t1", "-c8", "-d60s", "-s", wanted, facts["endpoint"]], capture_output=True, text=True, check=False)
    count, cpu = answered() - before, cpu_seconds(pid) - cpu
    speed = subprocess.run(["openssl", "speed", "-seconds", "3", "rsa2048"], capture_output=True, text=True, check=True).stdout
    bound = float(speed.split("rsa 2048 bits")[1].split()[3])
    print(f"AssumeRoleWithWebIdentity: {count} of {tokens} distinct tokens verified and accepted in {cpu:.2f} CPU s, {count / cpu:.0f} per CPU second; "
          f"openssl verifies {bound:.0f}/s; ratio {count / cpu / bound:.2f} (goal 0.60)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--tokens", type=int, default=20000)
    arguments = parser.parse_args()
    print(f"{datetime.date.today()}, {os.cpu_count()} cores, load before the run {os.getloadavg()[0]:.2f}")
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        work = pathlib.Path(folder)
        firsts = []
        for n in range(5):
            process, _, first = gatehouse_serve(work / f"start-{n}")
            firsts.append(first)
            time.sleep(1)
            memory = resident_mb(process.pid)
            process.send_signal(signal.SIGTERM)
            process.wait()
        process, facts, again = gatehouse_serve(work / "start-0")
        print(f"start to first answered call: {sorted(firsts)[2] * 1000:.0f} ms with a new data directory, {again * 1000:.0f} ms with an old one (goal 100); "
              f"idle memory {memory:.0f} MB (goal 40)")
        try:
            bench_get(facts, process.pid, work, arguments.seconds)
            bench_web_identity(facts, process.pid, work, arguments.tokens)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


if __name__ == "__main__":
    main()
