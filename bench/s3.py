"""What S3 costs, beside its bounds and peers, in one run on the same cores. Every request is signed by a role's session and decided.

* GET of 1 KiB, 1 MiB and 1 GiB, against the lesser of nginx serving the same bytes and AES-256-GCM's own rate (`openssl speed`):
  objects are encrypted on disk, nginx's files are not;
* durable PUT of 1 KiB with 1, 16 and 64 writers, on the disk as it is and with 2 ms added to each sync;
* PUT of 1 GiB, against writing and syncing a file while its SHA-256 and MD5 are taken in one pass;
* LIST of 1,000 keys in buckets of 1,000 keys and more;
* memory while 64 uploads of 1 GiB are under way (they are cut off before their end: the disk need not hold 64 GiB);
* the same GET and PUT of 1 KiB against s3rver from npm, where it can be had.

    /usr/bin/python3 bench/s3.py [--seconds 5] [--keys 1000000] [--only get,put,large,list,memory,peer]

Needs nginx, wrk, gcc and openssl (scripts/deps.sh test), and the release build.
"""

import argparse
import datetime
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
from server import REGION, client, cpu_seconds, free_port, gatehouse_serve, nginx_serving, resident_mb, wrk

HERE = pathlib.Path(__file__).resolve().parent
KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
BUCKET = "bench"


def role_session(facts):
    """The credentials of a role that may read, write and list the bucket."""
    iam = client(facts, "iam")
    user = iam.create_user(UserName="engine")["User"]
    iam.create_role(RoleName="engine", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": user["Arn"]}, "Action": "sts:AssumeRole"}]}))
    iam.put_role_policy(RoleName="engine", PolicyName="use", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"], "Resource": [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]}]}))
    key = iam.create_access_key(UserName="engine")["AccessKey"]
    sts = boto3.client("sts", endpoint_url=facts["endpoint"], region_name=REGION, aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    session = sts.assume_role(RoleArn=f"arn:aws:iam::{facts['account']}:role/engine", RoleSessionName="bench")["Credentials"]
    return botocore.credentials.Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])


class Requests:
    """A script for wrk: requests signed beforehand, sent round and round."""

    def __init__(self, path, credentials):
        self.path, self.credentials = path, credentials

    def signed(self, method, urls, body=None):
        lines = ["local requests = {"]
        for url in urls:
            request = botocore.awsrequest.AWSRequest(method, url, data=body)
            botocore.auth.S3SigV4Auth(self.credentials, "s3", REGION).add_auth(request)
            where = urllib.parse.urlsplit(url)
            headers = ", ".join(f"[{json.dumps(k)}] = {json.dumps(v)}" for k, v in request.headers.items())
            lines.append(f"  {{{json.dumps(where.path + ('?' + where.query if where.query else ''))}, {{{headers}}}}},")
        content = "nil" if body is None else f'string.rep("x", {len(body)})'
        lines += ["}", f"local body = {content}", "local next = 0", "request = function()", "  next = next % #requests + 1",
                  f'  return wrk.format("{method}", requests[next][1], requests[next][2], body)', "end"]
        self.path.write_text("\n".join(lines), encoding="utf-8")
        return self.path


def measure(url, script, pid, seconds, connections=16):
    """Requests a second, and microseconds of the server's CPU for each."""
    wrk(url, script, 1, connections)
    before = cpu_seconds(pid)
    rate, count = wrk(url, script, seconds, connections)
    return rate, (cpu_seconds(pid) - before) / count * 1e6


def bench_get(facts, pid, credentials, work, seconds, gcm):
    s3 = client(facts, "s3")
    files = {"kib": os.urandom(KIB), "mib": os.urandom(MIB)}
    for name, content in files.items():
        s3.put_object(Bucket=BUCKET, Key=name, Body=content)
    plain = work / "plain.lua"
    plain.write_text('wrk.method = "GET"\n', encoding="utf-8")
    with nginx_serving(files, work) as nginx:
        for name, size, goal in (("kib", KIB, 0.6), ("mib", MIB, 0.8)):
            url = f"{facts['endpoint']}/{BUCKET}/{name}"
            script = Requests(work / "get.lua", credentials).signed("GET", [url])
            static, static_cpu = measure(f"{nginx.url}/{name}", plain, nginx.pid, seconds)
            ours, cpu = measure(url, script, pid, seconds)
            bound = min(static, gcm / size)
            print(f"GET {name}: {ours:.0f}/s at {cpu:.1f} us CPU; nginx {static:.0f}/s at {static_cpu:.1f} us, AES-GCM {gcm / size:.0f}/s for one core; "
                  f"ratio {ours / bound:.2f} (goal {goal})", flush=True)


def fetch(url, headers):
    """Reads one answer to its end and forgets it; the seconds it took."""
    where = urllib.parse.urlsplit(url)
    buffer = bytearray(MIB)
    started = time.monotonic()
    connection = http.client.HTTPConnection(where.netloc)
    connection.request("GET", where.path, headers=headers)
    answer = connection.getresponse()
    got = 0
    while n := answer.readinto(buffer):
        got += n
    if answer.status != 200 or got != GIB:
        sys.exit(f"{answer.status}, {got} bytes")
    return time.monotonic() - started


def signed_headers(credentials, method, url, payload="UNSIGNED-PAYLOAD", extra=None):
    request = botocore.awsrequest.AWSRequest(method, url, headers={"X-Amz-Content-SHA256": payload, **(extra or {})})
    request.context["payload_signing_enabled"] = False
    signer = botocore.auth.S3SigV4Auth(credentials, "s3", REGION)
    signer.payload = lambda _: payload
    signer.add_auth(request)
    return dict(request.headers.items())


def bench_large(facts, pid, credentials, work, gcm):
    piece = os.urandom(MIB)
    path = work / "gib"
    started = time.monotonic()
    sha, md5 = hashlib.sha256(), hashlib.md5()
    with open(path, "wb", buffering=0) as file:
        for _ in range(GIB // MIB):
            sha.update(piece)
            md5.update(piece)
            file.write(piece)
        os.fsync(file.fileno())
    bound = time.monotonic() - started

    url = f"{facts['endpoint']}/{BUCKET}/gib"
    headers = signed_headers(credentials, "PUT", url, sha.hexdigest(), {"Content-Length": str(GIB)})
    where = urllib.parse.urlsplit(url)
    times = []
    for _ in range(2):
        before = cpu_seconds(pid)
        started = time.monotonic()
        with open(path, "rb") as file:
            connection = http.client.HTTPConnection(where.netloc, blocksize=MIB)
            connection.request("PUT", where.path, body=file, headers=headers)
            answer = connection.getresponse()
            if answer.status != 200 or answer.getheader("ETag") != f'"{md5.hexdigest()}"':
                sys.exit(f"PUT of 1 GiB: {answer.status} {answer.read()[:300]}")
        times.append((time.monotonic() - started, cpu_seconds(pid) - before))
    took, cpu = min(times)
    print(f"PUT 1 GiB: {took:.2f} s ({cpu:.2f} s CPU); written and synced with SHA-256 and MD5 in one pass {bound:.2f} s; ratio {bound / took:.2f}", flush=True)

    site = work / "large"
    site.mkdir()
    shutil.move(path, site / "gib-file")
    with nginx_serving({}, site) as nginx:
        shutil.move(site / "gib-file", site / "site/gib")
        static = min(fetch(f"{nginx.url}/gib", {}) for _ in range(3))
        ours = min(fetch(url, signed_headers(credentials, "GET", url)) for _ in range(3))
    bound = max(static, GIB / gcm)
    print(f"GET 1 GiB: {ours:.2f} s; nginx {static:.2f} s, AES-GCM {GIB / gcm:.2f} s; ratio {bound / ours:.2f} (goal 0.8); "
          f"the server has {resident_mb(pid):.0f} MB", flush=True)


def bench_put(facts, pid, credentials, work, seconds, what):
    urls = [f"{facts['endpoint']}/{BUCKET}/put/{n:05}" for n in range(2048)]
    script = Requests(work / "put.lua", credentials).signed("PUT", urls, b"x" * KIB)
    rates = {}
    for writers in (1, 16, 64):
        rates[writers], cpu = measure(urls[0], script, pid, seconds, writers)
        print(f"durable PUT of 1 KiB, {what}, {writers} writers: {rates[writers]:.0f}/s at {cpu:.1f} us CPU", flush=True)
    return rates


def one_sync_a_write(work, seconds=1.0):
    """What a lone writer of a file can do: append 1 KiB and sync."""
    with open(work / "syncs", "wb", buffering=0) as file:
        deadline, count = time.monotonic() + seconds, 0
        while time.monotonic() < deadline:
            file.write(b"x" * KIB)
            os.fdatasync(file.fileno())
            count += 1
    return count / seconds


def bench_slow_put(work, seconds):
    library = work / "slow_sync.so"
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", library, HERE / "slow_sync.c", "-ldl"], check=True)
    process, facts, _ = gatehouse_serve(work / "slow", {"LD_PRELOAD": str(library), "SLOW_SYNC_US": "2000"})
    try:
        client(facts, "s3").create_bucket(Bucket=BUCKET)
        rates = bench_put(facts, process.pid, role_session(facts), work, seconds, "2 ms added to each sync")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    print(f"64 writers against one: {rates[64] / rates[1]:.1f} times (goal 20)", flush=True)


def fill(facts, work, bucket, size, wanted):
    """At least `wanted` keys, by anonymous writers whom the bucket's policy lets in: signing a million requests is not what is measured.

    Returns how many there are then.
    """
    if wanted <= 1000:
        for n in range(size + 1, wanted + 1):
            client_put(facts, f"/{bucket}/key/{n:08}")
        return wanted
    rate = 10_000
    while size < wanted:
        script = work / "fill.lua"
        script.write_text(f"""local next = {size}
request = function()
  next = next + 1
  return wrk.format("PUT", string.format("/{bucket}/key/%08d", next), {{}}, "x")
end""", encoding="utf-8")
        rate, count = wrk(facts["endpoint"], script, max(1, min(20, int((wanted - size) / rate))), 64)
        size += count
    return size


def client_put(facts, path):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(facts["endpoint"]).netloc)
    connection.request("PUT", path, b"x")
    if (answer := connection.getresponse()).status != 200:
        sys.exit(f"PUT {path}: {answer.status}")
    connection.close()


def bench_list(facts, pid, credentials, work, seconds, most):
    s3 = client(facts, "s3")
    bucket = "bench-list"
    s3.create_bucket(Bucket=bucket)
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": ["s3:PutObject", "s3:ListBucket"], "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}]}))
    size, rows = 0, []
    for wanted in (10**3, 10**4, 10**5, 10**6):
        if wanted > most:
            break
        started, before = time.monotonic(), size
        size = fill(facts, work, bucket, size, wanted)
        rate = (size - before) / (time.monotonic() - started)
        # From the middle, where nothing before it can be skipped by luck.
        after = urllib.parse.quote(f"key/{wanted // 2 - 1:08}", safe="")
        urls = [f"{facts['endpoint']}/{bucket}?list-type=2&max-keys=1000&prefix=key%2F" + (f"&start-after={after}" if wanted > 1000 else "")]
        script = Requests(work / "list.lua", credentials).signed("GET", urls)
        found = s3.list_objects_v2(Bucket=bucket, MaxKeys=1000, StartAfter=f"key/{wanted // 2 - 1:08}" if wanted > 1000 else "")["KeyCount"]
        if found != 1000:
            sys.exit(f"{found} keys listed of {size}")
        listed, cpu = measure(urls[0], script, pid, seconds, 4)
        rows.append(cpu)
        print(f"LIST of {found} keys out of {size}: {listed:.0f}/s, {cpu / 1000:.2f} ms CPU each (filled at {rate:.0f}/s)", flush=True)
    print(f"LIST, most against least: {max(rows) / min(rows):.2f} (goal 1.5)", flush=True)


def bench_memory(facts, pid, credentials, seconds, uploads=64):
    url = f"{facts['endpoint']}/{BUCKET}/upload"
    where = urllib.parse.urlsplit(url)
    before, peak, sent = resident_mb(pid), [0.0], [0] * uploads
    stop = threading.Event()
    piece = os.urandom(MIB)

    def upload(number):
        headers = signed_headers(credentials, "PUT", f"{url}{number}")
        lines = [f"PUT {where.path}{number} HTTP/1.1", f"Host: {where.netloc}", f"Content-Length: {GIB}", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        with socket.create_connection((where.hostname, where.port)) as connection:
            connection.sendall("\r\n".join(lines).encode())
            while not stop.is_set() and sent[number] < GIB - MIB:
                connection.sendall(piece)
                sent[number] += MIB

    threads = [threading.Thread(target=upload, args=(n,)) for n in range(uploads)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and sum(sent) < 16 * GIB:
        time.sleep(0.1)
        peak[0] = max(peak[0], resident_mb(pid))
    under_way = sum(1 for n in sent if n > 0)
    stop.set()
    for thread in threads:
        thread.join()
    print(f"memory with {under_way} uploads of 1 GiB under way ({sum(sent) / GIB:.1f} GiB taken): {peak[0]:.0f} MB, {before:.0f} MB before (goal 200)", flush=True)


def bench_peer(facts, pid, credentials, work, seconds):
    if shutil.which("npm") is None:
        print("s3rver: there is no npm")
        return
    folder = HERE.parent / "build/s3rver"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules/s3rver").exists():
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "s3rver@3.7.1"], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print("s3rver: npm does not have it")
            return
    port = free_port()
    data = work / "s3rver"
    data.mkdir()
    peer = subprocess.Popen(["node", "node_modules/s3rver/bin/s3rver.js", "-d", data, "-a", "127.0.0.1", "-p", str(port), "--silent", "--configure-bucket", BUCKET],
                            cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        keys = botocore.credentials.Credentials("S3RVER", "S3RVER")
        s3 = boto3.client("s3", endpoint_url=url, region_name=REGION, aws_access_key_id="S3RVER", aws_secret_access_key="S3RVER")
        for attempt in range(50):
            try:
                for there in (s3, client(facts, "s3")):
                    there.put_object(Bucket=BUCKET, Key="kib", Body=os.urandom(KIB))
                break
            except Exception:  # noqa: BLE001: it is not up yet
                if attempt == 49:
                    raise
                time.sleep(0.2)
        for what, method, name, body in (("GET", "GET", "kib", None), ("PUT", "PUT", "peer", b"x" * KIB)):
            theirs, theirs_cpu = measure(url, Requests(work / "peer.lua", keys).signed(method, [f"{url}/{BUCKET}/{name}"], body), peer.pid, seconds)
            ours, cpu = measure(facts["endpoint"], Requests(work / "ours.lua", credentials).signed(method, [f"{facts['endpoint']}/{BUCKET}/{name}"], body), pid, seconds)
            print(f"{what} of 1 KiB, 16 connections: s3rver {theirs:.0f}/s at {theirs_cpu:.0f} us CPU, ours {ours:.0f}/s at {cpu:.1f} us; {ours / theirs:.0f} times (goal 20)", flush=True)
    finally:
        peer.send_signal(signal.SIGTERM)
        peer.wait()


def gcm_rate():
    """Bytes a second that one core encrypts with AES-256-GCM, 64 KiB at a time."""
    speed = subprocess.run(["openssl", "speed", "-seconds", "2", "-bytes", "65536", "-evp", "aes-256-gcm"], capture_output=True, text=True, check=True).stdout
    return float(re.search(r"AES-256-GCM\s+([\d.]+)k", speed)[1]) * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--keys", type=int, default=10**6)
    parser.add_argument("--only", default="get,put,large,list,memory,peer")
    arguments = parser.parse_args()
    only = set(arguments.only.split(","))
    print(f"{datetime.date.today()}, {os.cpu_count()} cores, load before the run {os.getloadavg()[0]:.2f}")
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder:
        work = pathlib.Path(folder)
        gcm = gcm_rate()
        process, facts, _ = gatehouse_serve(work / "data")
        try:
            client(facts, "s3").create_bucket(Bucket=BUCKET)
            credentials = role_session(facts)
            if "get" in only:
                bench_get(facts, process.pid, credentials, work, arguments.seconds, gcm)
            if "put" in only:
                print(f"one writer appending 1 KiB and syncing it: {one_sync_a_write(work):.0f}/s")
                bench_put(facts, process.pid, credentials, work, arguments.seconds, "the disk as it is")
                bench_slow_put(work, arguments.seconds)
            if "large" in only:
                bench_large(facts, process.pid, credentials, work, gcm)
            if "memory" in only:
                bench_memory(facts, process.pid, credentials, 4 * arguments.seconds)
            if "peer" in only:
                bench_peer(facts, process.pid, credentials, work, arguments.seconds)
            if "list" in only:
                bench_list(facts, process.pid, credentials, work, arguments.seconds, arguments.keys)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


if __name__ == "__main__":
    main()
