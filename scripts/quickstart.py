"""Walks the StreamSets document against a fresh Gatehouse with the real clients, and prints what was expected and seen.

Called by quickstart.sh, which builds first. Everything here goes through `aws`, `kubectl`, boto3 or plain HTTP; nothing
reaches into the server.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials

ROOT = pathlib.Path(__file__).resolve().parent.parent
GATEHOUSE = ROOT / "build/release/gatehouse"
AWS = "/usr/bin/aws"
PYTHON = "/usr/bin/python3"
DOCUMENTS = ROOT / "tests/data/documents/streamsets"
BUCKET = "sdc-ingest-bucket"
CLUSTER = "sdc-cluster"
ACCOUNT = "123456789012"
REGION = "us-west-2"


class Table:
    """Rows of step, expected and seen; a row is right when the expectation is found in what was seen."""

    def __init__(self, quiet):
        self.rows = []
        self.quiet = quiet

    def add(self, what, expected, seen, reason=""):
        good = expected in seen
        self.rows.append((what, expected, seen, reason, good))
        if not self.quiet:
            print(f"  {'ok  ' if good else 'WRONG'} {what}", file=sys.stderr, flush=True)
        return good

    def render(self):
        lines = []
        for what, expected, seen, reason, good in self.rows:
            lines.append(f"{'ok   ' if good else 'WRONG'} {what}")
            lines.append(f"        expected  {expected}")
            lines.append(f"        seen      {seen}")
            if reason:
                lines.append(f"        reason    {reason}")
        wrong = sum(not row[4] for row in self.rows)
        lines.append(f"{len(self.rows) - wrong} of {len(self.rows)} lines as expected")
        return "\n".join(lines), wrong


class Server:
    """`gatehouse serve` on a data directory; ended by its process id."""

    def __init__(self, data, listen="127.0.0.1:0", wrapper=()):
        self.data = data
        self.log = open(data.parent / "server.log", "ab")
        self.process = subprocess.Popen(
            [*wrapper, GATEHOUSE, "serve", "--data", data, "--listen", listen],
            stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        self.env = self.wait()

    def wait(self):
        for _ in range(400):
            if self.process.poll() is not None:
                tail = pathlib.Path(self.log.name).read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
                sys.exit("the server ended at its start:\n" + "\n".join(tail))
            got = subprocess.run([GATEHOUSE, "env", "--data", self.data, "--output", "json"],
                                 capture_output=True, text=True, check=False)
            if got.returncode == 0:
                return json.loads(got.stdout)
            time.sleep(0.025)
        sys.exit("the server did not answer within ten seconds")

    @property
    def listen(self):
        return self.env["endpoint"].removeprefix("http://")

    def stop(self):
        # faketime runs the server as its child, and ends with it.
        children = subprocess.run(["/usr/bin/pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        for pid in children.stdout.split() or [self.process.pid]:
            os.kill(int(pid), signal.SIGTERM)
        self.process.wait(timeout=30)
        self.log.close()


class Walk:
    def __init__(self, server, work, table):
        self.server = server
        self.work = work
        self.table = table
        self.environment = self.plain_environment()

    def plain_environment(self):
        """The machine's environment with Gatehouse's and without anybody's AWS settings."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and not k.lower().endswith("_proxy")}
        facts = self.server.env
        env.update(
            AWS_ACCESS_KEY_ID=facts["accessKeyId"], AWS_SECRET_ACCESS_KEY=facts["secretAccessKey"],
            AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION, HTTPS_PROXY=facts["proxy"], NO_PROXY="127.0.0.1,localhost",
            AWS_CA_BUNDLE=facts["caBundle"], KUBECONFIG=str(self.work / "kubeconfig"), AWS_PAGER="",
            AWS_CONFIG_FILE=str(self.work / "no-config"), AWS_SHARED_CREDENTIALS_FILE=str(self.work / "no-credentials"),
            AWS_EC2_METADATA_DISABLED="true",
            # kubectl calls `aws` by name: Debian's is the one meant.
            PATH="/usr/bin:" + env.get("PATH", ""))
        return env

    def run(self, *command, env=None, **more):
        done = subprocess.run([str(c) for c in command], env=env or self.environment, capture_output=True, text=True,
                              check=False, **more)
        return done.returncode, done.stdout.strip(), done.stderr.strip()

    def aws(self, *arguments, env=None, program=AWS):
        return self.run(program, *arguments, env=env)

    def step(self, what, expected, *command, env=None):
        code, out, err = self.run(*command, env=env)
        seen = out if code == 0 else err or f"exit code {code}"
        self.table.add(what, expected, " ".join(seen.split()))
        return out

    def reason(self):
        """What the trail says of the newest event."""
        _, out, _ = self.run(GATEHOUSE, "trail", "--data", self.server.data, "--output", "json")
        event = json.loads(out.splitlines()[-1])
        decisions = event["gatehouse"]["decisions"]
        if not decisions:
            return f"{event.get('errorCode', '-')}, before any decision: {event.get('errorMessage', '')}"
        last = decisions[-1]
        by = f"{last['decidedBy']} layer"
        if "policy" in last:
            by += f", statement {last.get('sid', last['statement'])} of {last['policy']}"
        return f"{last['decision']} by the {by}: {last['action']} on {last['resource']}"

    def refused(self, what, expected, command, env=None):
        code, out, err = self.run(*command, env=env)
        seen = " ".join((err or out).split())
        if code == 0:
            seen = f"it was not refused: {seen}"
        self.table.add(what, expected, seen, self.reason())


def document(name, **replacements):
    text = (DOCUMENTS / name).read_text(encoding="utf-8")
    for old, new in replacements.values():
        text = text.replace(old, new)
    return text


def trust(issuer):
    """The document's trust policy with this account and cluster in the place of the author's."""
    return document("trust.json", account=("501672548510", ACCOUNT),
                    issuer=("oidc.eks.us-west-2.amazonaws.com/id/50DCD1E10C8BAD2EC2B3E0E84647098C", issuer))


def set_up(walk):
    """Steps S1 to S8 of the document; returns the cluster's issuer without its scheme."""
    table = walk.table
    walk.step("credentials work, Debian's AWS CLI through the proxy", f"arn:aws:iam::{ACCOUNT}:root",
              AWS, "sts", "get-caller-identity", "--query", "Arn", "--output", "text")
    newer = shutil.which("aws", path=os.environ.get("PATH", ""))
    if newer and os.path.realpath(newer) != AWS:
        direct = {k: v for k, v in walk.environment.items() if k not in ("HTTPS_PROXY", "AWS_CA_BUNDLE")}
        direct["AWS_ENDPOINT_URL"] = walk.server.env["endpoint"]
        direct["PATH"] = os.environ["PATH"]
        version = subprocess.run([newer, "--version"], capture_output=True, text=True, check=False).stdout.split()[0]
        walk.step(f"the same, {version} through AWS_ENDPOINT_URL", f"arn:aws:iam::{ACCOUNT}:root",
                  newer, "sts", "get-caller-identity", "--query", "Arn", "--output", "text", env=direct)

    # S1: a cluster. EKS wants a role to act as and two subnets.
    eks_trust = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    walk.step("a role for the cluster", "role/eks-cluster", AWS, "iam", "create-role", "--role-name", "eks-cluster",
              "--assume-role-policy-document", eks_trust, "--query", "Role.Arn", "--output", "text")
    _, subnets, _ = walk.aws("ec2", "describe-subnets", "--query", "Subnets[:2].SubnetId", "--output", "text")
    subnets = ",".join(subnets.split())
    for cluster in (CLUSTER, "other-cluster"):
        walk.step(f"S1 create-cluster {cluster}", cluster, AWS, "eks", "create-cluster", "--name", cluster,
                  "--role-arn", f"arn:aws:iam::{ACCOUNT}:role/eks-cluster", "--resources-vpc-config", f"subnetIds={subnets}",
                  "--query", "cluster.name", "--output", "text")
    walk.step("the cluster is ACTIVE for a waiter", "", AWS, "eks", "wait", "cluster-active", "--name", CLUSTER)
    issuer = walk.step("the cluster's issuer", f"https://oidc.eks.{REGION}.amazonaws.com/id/", AWS, "eks", "describe-cluster",
                       "--name", CLUSTER, "--query", "cluster.identity.oidc.issuer", "--output", "text")
    host = issuer.removeprefix("https://")

    walk.step("S2 the ingest policy", "policy/sdc-s3-ingest-policy", AWS, "iam", "create-policy", "--policy-name",
              "sdc-s3-ingest-policy", "--policy-document", document("policy.json"), "--query", "Policy.Arn", "--output", "text")
    walk.step("the bucket", f"make_bucket: {BUCKET}", AWS, "s3", "mb", f"s3://{BUCKET}")

    walk.step("S4 kubectl: update-kubeconfig", "Added new context", AWS, "eks", "update-kubeconfig", "--name", CLUSTER)
    walk.step("S4 the namespace", "namespace/ns1 created", "/usr/bin/kubectl", "create", "namespace", "ns1")
    walk.step("S5 the service account", "serviceaccount/sdc created", "/usr/bin/kubectl", "create", "serviceaccount", "sdc", "-n", "ns1")
    walk.step("S8 its annotation", "serviceaccount/sdc annotated", "/usr/bin/kubectl", "annotate", "serviceaccount", "sdc", "-n", "ns1",
              f"eks.amazonaws.com/role-arn=arn:aws:iam::{ACCOUNT}:role/sdc")
    walk.step("S6 the role, with the document's trust policy of S7", "role/sdc", AWS, "iam", "create-role", "--role-name", "sdc",
              "--assume-role-policy-document", trust(host), "--query", "Role.Arn", "--output", "text")
    walk.step("S6 its policy attached", "", AWS, "iam", "attach-role-policy", "--role-name", "sdc", "--policy-arn",
              f"arn:aws:iam::{ACCOUNT}:policy/sdc-s3-ingest-policy")
    walk.refused("no provider is registered yet", "(InvalidIdentityToken)", web_identity(walk, project_token(walk)))
    walk.step("S3 the OIDC provider", f"oidc-provider/{host}", AWS, "iam", "create-open-id-connect-provider", "--url", issuer,
              "--client-id-list", "sts.amazonaws.com", "--thumbprint-list", "9e99a48a9960b14926bb7f3b02e22da2b0ab7280",
              "--query", "OpenIDConnectProviderArn", "--output", "text")
    table.add("the provider is the cluster's issuer", f"oidc-provider/{host}",
              walk.aws("iam", "list-open-id-connect-providers", "--output", "text")[1])
    return host


def project_token(walk, cluster=CLUSTER, service_account="ns1/sdc"):
    """The token a pod would find in its file."""
    code, out, _ = walk.run(GATEHOUSE, "run", "--data", walk.server.data, "--region", REGION, "--cluster", cluster,
                            "--service-account", service_account, "--", "/bin/sh", "-c", 'cat "$AWS_WEB_IDENTITY_TOKEN_FILE"')
    return out if code == 0 else None


def web_identity(walk, token, role="sdc"):
    return [AWS, "sts", "assume-role-with-web-identity", "--role-arn", f"arn:aws:iam::{ACCOUNT}:role/{role}",
            "--role-session-name", "quickstart", "--web-identity-token", token or "none"]


def workload(walk):
    """S11: the ingest runs while an administrator narrows the role's policy, and widens it again."""
    table = walk.table
    resume = walk.work / "resume"
    command = [GATEHOUSE, "run", "--data", walk.server.data, "--region", REGION, "--cluster", CLUSTER, "--service-account", "ns1/sdc",
               "--", PYTHON, ROOT / "examples/ingest/ingest.py", BUCKET, "ingest", "--pause-after", "2", "--signal", resume]
    process = subprocess.Popen([str(c) for c in command], env=walk.environment, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)

    def line():
        read = process.stdout.readline().strip()
        return read or process.stderr.read().strip()

    table.add("S11 the ingest runs as ns1/sdc and writes", "paused", line())
    policy_arn = f"arn:aws:iam::{ACCOUNT}:policy/sdc-s3-ingest-policy"
    narrowed = json.loads(document("policy.json"))
    narrowed["Statement"][0]["Action"] = ["s3:GetObject", "s3:ListBucket"]
    walk.step("the administrator takes s3:PutObject away", "v2", AWS, "iam", "create-policy-version", "--policy-arn", policy_arn,
              "--policy-document", json.dumps(narrowed), "--set-as-default", "--query", "PolicyVersion.VersionId", "--output", "text")
    resume.touch()
    table.add("the next write is refused", "refused AccessDenied: User: arn:aws:sts::123456789012:assumed-role/sdc/", line(), walk.reason())
    walk.step("the administrator gives it back", "", AWS, "iam", "set-default-policy-version", "--policy-arn", policy_arn,
              "--version-id", "v1")
    pathlib.Path(f"{resume}.again").touch()
    table.add("the ingest goes on to its end", "wrote 100 records, read 100 back", line())
    process.wait(timeout=60)
    walk.step("S12 root sees the objects", "ingest/batch-0000.jsonl", AWS, "s3api", "list-objects-v2", "--bucket", BUCKET,
              "--query", "Contents[].Key", "--output", "text")
    walk.step("and reads one", "COPIED", "/bin/sh", "-c",
              f"{AWS} s3api get-object --bucket {BUCKET} --key ingest/batch-0000.jsonl {walk.work}/got >/dev/null && "
              f"grep -c sensor {walk.work}/got | sed 's/^25$/COPIED/'")
    code, out, err = walk.run(GATEHOUSE, "trail", "--data", walk.server.data, "--action", "s3:PutObject", "--decision", "Allowed")
    table.add("the trail says who wrote, as which session", "assumed-role/sdc/", " ".join((out or err).split()))
    table.add("and by which statement of which policy", f"by statement VisualEditor0 of {policy_arn}", " ".join(out.split()))


def forge(token, header=None, sign=None):
    """The token with another header and another signature."""
    head, claims, _ = token.split(".")

    def coded(raw):
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    fields = json.loads(base64.urlsafe_b64decode(head + "=="))
    fields.update(header or {})
    signed = coded(json.dumps(fields).encode()) + "." + claims
    return signed + "." + (coded(sign(signed.encode())) if sign else "")


def issuer_key(walk, host):
    """The issuer's public key, as anybody can fetch it, through the proxy under its real name."""
    _, out, err = walk.run("/usr/bin/curl", "-sS", "--cacert", walk.server.env["caBundle"], f"https://{host}/keys")
    if not out:
        sys.exit(f"the issuer's keys cannot be fetched: {err}")
    return out.encode()


def bad_tokens(walk, host, expired):
    refused = walk.refused
    good = project_token(walk)
    kubectl = "/usr/bin/kubectl"
    role = f"eks.amazonaws.com/role-arn=arn:aws:iam::{ACCOUNT}:role/sdc"
    denied = "(AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not authorized to perform sts:AssumeRoleWithWebIdentity"
    walk.run(kubectl, "create", "namespace", "ns2")
    for ns, name in (("ns2", "sdc"), ("ns1", "other"), ("ns1", "wrong-audience")):
        walk.run(kubectl, "create", "serviceaccount", name, "-n", ns)
        walk.run(kubectl, "annotate", "serviceaccount", name, "-n", ns, role)
    walk.run(kubectl, "annotate", "serviceaccount", "wrong-audience", "-n", "ns1", "eks.amazonaws.com/audience=vault.example.com")
    walk.step("the token of ns1/sdc is good", "ASIA", *web_identity(walk, good), "--query", "Credentials.AccessKeyId", "--output", "text")
    refused("another namespace's sdc", denied, web_identity(walk, project_token(walk, service_account="ns2/sdc")))
    refused("another service account", denied, web_identity(walk, project_token(walk, service_account="ns1/other")))
    refused("a token with another audience", "(InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation: Incorrect token audience",
            web_identity(walk, project_token(walk, service_account="ns1/wrong-audience")))
    refused("an expired token", "(ExpiredTokenException) when calling the AssumeRoleWithWebIdentity operation: Token expired", web_identity(walk, expired))
    head, claims, signature = good.split(".")
    flipped = "A" if signature[10] != "A" else "B"
    refused("one changed byte in the token", "(InvalidIdentityToken)",
            web_identity(walk, f"{head}.{claims}.{signature[:10]}{flipped}{signature[11:]}"))
    key_file = walk.work / "stranger.pem"
    walk.run("/usr/bin/openssl", "genrsa", "-out", key_file, "2048")

    def stranger(data):
        return subprocess.run(["/usr/bin/openssl", "dgst", "-sha256", "-sign", key_file], input=data, capture_output=True, check=True).stdout

    refused("the same claims signed by a key that is not the issuer's", "(InvalidIdentityToken)", web_identity(walk, forge(good, sign=stranger)))
    refused("alg: none", "(InvalidIdentityToken)", web_identity(walk, forge(good, {"alg": "none"})))
    public = issuer_key(walk, host)
    refused("HS256 keyed with the issuer's public key", "(InvalidIdentityToken)",
            web_identity(walk, forge(good, {"alg": "HS256"}, lambda data: hmac.new(public, data, hashlib.sha256).digest())))

    # Another cluster with a service account of the same name.
    walk.run(AWS, "eks", "update-kubeconfig", "--name", "other-cluster", "--alias", "other")
    walk.run(kubectl, "create", "namespace", "ns1")
    walk.run(kubectl, "create", "serviceaccount", "sdc", "-n", "ns1")
    walk.run(kubectl, "annotate", "serviceaccount", "sdc", "-n", "ns1", role)
    foreign = project_token(walk, cluster="other-cluster")
    refused("another cluster's token, its issuer not registered",
            "(InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation: No OpenIDConnect provider found in your account for https://oidc.eks.",
            web_identity(walk, foreign))
    _, issuer, _ = walk.aws("eks", "describe-cluster", "--name", "other-cluster", "--query", "cluster.identity.oidc.issuer", "--output", "text")
    walk.aws("iam", "create-open-id-connect-provider", "--url", issuer, "--client-id-list", "sts.amazonaws.com", "--thumbprint-list",
             "9e99a48a9960b14926bb7f3b02e22da2b0ab7280")
    refused("another cluster's token, its issuer registered", denied, web_identity(walk, foreign))
    refused("the role's name is wrong", denied, web_identity(walk, good, role="sdx"))
    return good


def bad_requests(walk, token):
    refused = walk.refused
    _, out, _ = walk.run(*web_identity(walk, token), "--query", "Credentials", "--output", "json")
    credentials = json.loads(out)
    session = dict(walk.environment, AWS_ACCESS_KEY_ID=credentials["AccessKeyId"],
                   AWS_SECRET_ACCESS_KEY=credentials["SecretAccessKey"], AWS_SESSION_TOKEN=credentials["SessionToken"])
    who = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/sdc/quickstart is not authorized to perform: "
    walk.step("the session reads", "ContentLength", AWS, "s3api", "head-object", "--bucket", BUCKET, "--key", "ingest/batch-0000.jsonl", env=session)
    refused("DeleteObject, which the policy does not name",
            f'(AccessDenied) when calling the DeleteObject operation: {who}s3:DeleteObject on resource: "arn:aws:s3:::{BUCKET}/ingest/batch-0000.jsonl" '
            "because no identity-based policy allows the s3:DeleteObject action",
            [AWS, "s3api", "delete-object", "--bucket", BUCKET, "--key", "ingest/batch-0000.jsonl"], session)
    walk.aws("s3", "mb", "s3://somebody-elses-bucket")
    refused("another bucket", f'(AccessDenied) when calling the PutObject operation: {who}s3:PutObject on resource: "arn:aws:s3:::somebody-elses-bucket/x"',
            [AWS, "s3api", "put-object", "--bucket", "somebody-elses-bucket", "--key", "x"], session)
    refused("no credentials", "(AccessDenied) when calling the ListObjectsV2 operation: Access Denied",
            [AWS, "s3api", "list-objects-v2", "--bucket", BUCKET, "--no-sign-request"])
    wrong = dict(walk.environment, AWS_SECRET_ACCESS_KEY="wrong" + walk.environment["AWS_SECRET_ACCESS_KEY"][5:])
    refused("a wrong secret key", "(SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request signature we calculated "
            "does not match the signature you provided.", [AWS, "sts", "get-caller-identity"], wrong)
    refused("a wrong secret key, S3", "(SignatureDoesNotMatch) when calling the ListBuckets operation",
            [AWS, "s3api", "list-buckets"], wrong)
    endpoint = ["--endpoint-url", walk.server.env["endpoint"]]
    refused("a clock 20 minutes behind", "(SignatureDoesNotMatch) when calling the GetCallerIdentity operation: Signature expired",
            ["/usr/bin/faketime", "-f", "-20m", AWS, "sts", "get-caller-identity", *endpoint])
    refused("a clock 20 minutes behind, S3", "(RequestTimeTooSkewed) when calling the ListBuckets operation",
            ["/usr/bin/faketime", "-f", "-20m", AWS, "s3api", "list-buckets", *endpoint])
    replay(walk)


def replay(walk):
    """A signed PutObject, sent once as it is, and again with its body changed."""
    facts = walk.server.env
    url = f"{facts['endpoint']}/{BUCKET}/replayed"
    request = botocore.awsrequest.AWSRequest(method="PUT", url=url, data=b"the body that was signed")
    botocore.auth.S3SigV4Auth(botocore.credentials.Credentials(facts["accessKeyId"], facts["secretAccessKey"]), "s3", REGION).add_auth(request)

    def send(body):
        where = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(where.hostname, where.port)
        connection.request("PUT", where.path, body, dict(request.headers.items()))
        answer = connection.getresponse()
        return f"{answer.status} {answer.read().decode()}"

    walk.table.add("a signed request", "200", send(b"the body that was signed"))
    walk.table.add("the same request replayed with another body", "<Code>XAmzContentSHA256Mismatch</Code>",
                   send(b"another body, as long it "), walk.reason())


def expired_token(data, server):
    """Two days ago this cluster gave ns1/sdc a token: the same server, run for a moment under faketime."""
    listen = server.listen
    server.stop()
    past = Server(data, listen, wrapper=("/usr/bin/faketime", "-f", "-2d"))
    token = project_token(Walk(past, data.parent, Table(quiet=True)))
    past.stop()
    return token, Server(data, listen)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--keep", action="store_true", help="leave the server running and print what to export")
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="gatehouse-"))
    data = work / "data"
    table = Table(quiet=False)
    server = Server(data)
    try:
        print(f"a fresh server at {server.env['endpoint']}, data in {data}", file=sys.stderr)
        walk = Walk(server, work, table)
        host = set_up(walk)
        workload(walk)
        expired, server = expired_token(data, server)
        walk.server = server
        token = bad_tokens(walk, host, expired)
        bad_requests(walk, token)
        text, wrong = table.render()
        print(text)
        if arguments.keep:
            print(f"\nThe server runs on, as process {server.process.pid}. To use it:\n\n  eval \"$({GATEHOUSE} env --data {data})\"\n")
        return 1 if wrong else 0
    finally:
        if not arguments.keep:
            server.stop()
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
