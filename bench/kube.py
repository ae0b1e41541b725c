"""What a cluster's Kubernetes API costs:

* 1,000 watchers of one collection: how long until a change has reached all of them, and memory a watcher (without TLS);
* 10,000 config maps, made and listed, with the bytes a second that a bare TCP copy of the same list reaches beside it;
* TokenRequest a CPU second of the server, against the RSA 2048 signatures that `openssl speed` makes a second.

    /usr/bin/python3 bench/kube.py [--watchers 1000] [--objects 10000] [--tokens 3000]

Needs openssl and the release build. Figures of a machine that does something else are the machine's: the load is printed.
"""

import argparse
import base64
import http.client
import json
import os
import pathlib
import re
import resource
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import boto3
from botocore.signers import RequestSigner

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server import REGION, cpu_seconds, gatehouse_serve, resident_mb  # noqa: E402


def session_of(facts):
    return boto3.session.Session(facts["accessKeyId"], facts["secretAccessKey"], region_name=REGION)


def token_for(session, facts, cluster):
    """As `aws eks get-token` makes it."""
    client = session.client("sts", endpoint_url=facts["endpoint"])
    signer = RequestSigner(client.meta.service_model.service_id, REGION, "sts", "v4", session.get_credentials(), session.events)
    url = signer.generate_presigned_url(
        {"method": "GET", "url": f"https://sts.{REGION}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", "body": {},
         "headers": {"x-k8s-aws-id": cluster}, "context": {}},
        region_name=REGION, expires_in=60, operation_name="")
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


class Cluster:
    def __init__(self, facts):
        session = session_of(facts)
        iam = session.client("iam", endpoint_url=facts["endpoint"])
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        role = iam.create_role(RoleName="cluster", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        ec2 = session.client("ec2", endpoint_url=facts["endpoint"])
        subnets = [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]][:2]
        eks = session.client("eks", endpoint_url=facts["endpoint"])
        made = eks.create_cluster(name="bench", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})["cluster"]
        url = urllib.parse.urlsplit(made["endpoint"])
        self.port, self.prefix = url.port, url.path
        self.headers = {"Authorization": "Bearer " + token_for(session, facts, "bench")}

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def call(self, connection, method, path, body=None):
        headers = {**self.headers, **({"Content-Type": "application/json"} if body else {})}
        connection.request(method, self.prefix + path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {text[:300]}")
        return text


MAPS = "/api/v1/namespaces/{}/configmaps"


def config_map(name):
    return {"metadata": {"name": name, "labels": {"app": "bench"}}, "data": {"key": "value of " + name}}


def measure_watchers(cluster, pid, count):
    control = cluster.connection()
    cluster.call(control, "POST", "/api/v1/namespaces", {"metadata": {"name": "watched"}})
    poll = select.epoll()
    sockets = {}
    request = (f"GET {cluster.prefix}{MAPS.format('watched')}?watch=true&resourceVersion=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
               f"Authorization: {cluster.headers['Authorization']}\r\n\r\n").encode()
    resident = {}
    for i in range(count + 1):
        resident[i] = resident_mb(pid)
        if i == count:
            break
        watcher = socket.create_connection(("127.0.0.1", cluster.port))
        watcher.sendall(request)
        while b"kube-root-ca.crt" not in watcher.recv(65536):  # one after the other, as clients come
            pass
        sockets[watcher.fileno()] = watcher
        poll.register(watcher, select.EPOLLIN)

    def until_all_have(marker):
        waiting = set(sockets)
        while waiting:
            for fd, _ in poll.poll(30):
                data = sockets[fd].recv(65536)
                if not data:
                    sys.exit("a watch ended")
                if marker in data:
                    waiting.discard(fd)
        return time.monotonic()

    # The first hundreds also pay for what the server allocates once.
    half = count // 2
    memory = (resident[count] - resident[half]) * 1024 / (count - half)
    waits, costs = [], []
    for i in range(20):
        name = f"change-{i}"
        cpu = cpu_seconds(pid)
        started = time.monotonic()
        creator = threading.Thread(target=cluster.call, args=(control, "POST", MAPS.format("watched"), config_map(name)))
        creator.start()
        waits.append((until_all_have(name.encode()) - started) * 1000)
        creator.join()
        costs.append((cpu_seconds(pid) - cpu) * 1000)
    after = (resident_mb(pid) - resident[0]) * 1024 / count
    for watcher in sockets.values():
        watcher.close()
    print(f"{count} watchers: a change reaches all in {statistics.median(waits):.0f} ms (median of {len(waits)}, longest "
          f"{max(waits):.0f} ms), {statistics.mean(costs):.1f} ms CPU of the server")
    print(f"  goal 100 ms, ratio {statistics.median(waits) / 100:.2f}")
    print(f"  memory a watcher: {memory:.1f} KB each of the last {count - half}; {after:.1f} KB with all that the server allocated "
          f"since the first, {len(waits)} changes included; goal 20 KB, ratio {after / 20:.2f}")


def measure_objects(cluster, pid, count):
    control = cluster.connection()
    cluster.call(control, "POST", "/api/v1/namespaces", {"metadata": {"name": "many"}})
    writers = 16

    def write(first):
        connection = cluster.connection()
        for i in range(first, count, writers):
            cluster.call(connection, "POST", MAPS.format("many"), config_map(f"cm-{i:06}"))

    cpu, started = cpu_seconds(pid), time.monotonic()
    threads = [threading.Thread(target=write, args=(first,)) for first in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, cpu = time.monotonic() - started, cpu_seconds(pid) - cpu
    print(f"{count} config maps made in {wall:.1f} s by {writers} connections: {count / wall:,.0f}/s, {cpu / count * 1e6:.0f} µs CPU each")
    for what, accept in (("whole", "application/json"), ("as a table", "application/json;as=Table;v=v1;g=meta.k8s.io")):
        cluster.headers["Accept"] = accept
        times, costs, size = [], [], 0
        for _ in range(7):
            cpu, started = cpu_seconds(pid), time.monotonic()
            size = len(cluster.call(control, "GET", MAPS.format("many")))
            times.append((time.monotonic() - started) * 1000)
            costs.append((cpu_seconds(pid) - cpu) * 1000)
        print(f"  listed {what}: {statistics.median(times):.0f} ms for {size / 1e6:.1f} MB, {statistics.mean(costs):.0f} ms CPU; "
              f"goal 200 ms, ratio {statistics.median(times) / 200:.2f}")
    del cluster.headers["Accept"]


def measure_tokens(cluster, pid, count):
    control = cluster.connection()
    path = "/api/v1/namespaces/default/serviceaccounts/default/token"
    body = {"spec": {"audiences": ["sts.amazonaws.com"], "expirationSeconds": 3600}}
    for _ in range(200):
        cluster.call(control, "POST", path, body)
    rates, signs = [], []
    for _ in range(3):
        cpu = cpu_seconds(pid)
        for _ in range(count // 3):
            cluster.call(control, "POST", path, body)
        rates.append(count // 3 / (cpu_seconds(pid) - cpu))
        out = subprocess.run(["openssl", "speed", "-seconds", "2", "rsa2048"], capture_output=True, text=True, check=True).stdout
        signs.append(float(re.search(r"rsa 2048 bits\s+\S+\s+\S+\s+([\d.]+)", out)[1]))
    rate, sign = statistics.median(rates), statistics.median(signs)
    print(f"TokenRequest: {rate:,.0f} per CPU second; `openssl speed` signs {sign:,.0f}/s; ratio {rate / sign:.2f}, goal 0.60")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watchers", type=int, default=1000)
    parser.add_argument("--objects", type=int, default=10000)
    parser.add_argument("--tokens", type=int, default=3000)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory() as data:
        process, facts, _ = gatehouse_serve(data)
        try:
            print(f"load before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores")
            cluster = Cluster(facts)
            measure_watchers(cluster, process.pid, options.watchers)
            measure_tokens(cluster, process.pid, options.tokens)
            measure_objects(cluster, process.pid, options.objects)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


if __name__ == "__main__":
    main()
