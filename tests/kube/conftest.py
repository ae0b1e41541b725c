"""A served cluster, and every kubectl that is found, for the tests of this folder.

kubectls: Debian's (installed, or unpacked by scripts/deps.sh where another package has its place), those of the Google
Cloud SDK, and those named in KUBECTLS (paths separated by ':').
The server: build/release/tests/kube/kube_server, or KUBE_SERVER.
"""

import base64
import datetime
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def iam_token(key_id, cluster="test"):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    url = (
        "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential={key_id}%2F{now[:8]}%2Fus-east-1%2Fsts%2Faws4_request"
        f"&X-Amz-Date={now}&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=00"
    )
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def found_kubectls():
    paths = os.environ.get("KUBECTLS", "").split(":")
    paths += sorted(glob.glob("/usr/lib/google-cloud-sdk/bin/kubectl.1.*"))
    paths += [str(ROOT / "build/tools/kubernetes-client/usr/bin/kubectl"), shutil.which("kubectl") or ""]
    versions = {}
    for path in filter(None, paths):
        if not os.access(path, os.X_OK):
            continue
        out = subprocess.run([path, "version", "--client", "-o", "json"], capture_output=True, text=True)
        try:
            version = json.loads(out.stdout)["clientVersion"]
        except (ValueError, KeyError):
            continue
        if "dispatcher" in version["gitVersion"]:  # it runs one of the others
            continue
        minor = int(re.match(r"\d+", version["minor"]).group())
        versions.setdefault(minor, path)
    return sorted(versions.items())


KUBECTLS = found_kubectls()


def pytest_report_header():
    return "kubectl: " + (", ".join(f"1.{minor} ({path})" for minor, path in KUBECTLS) or "none found")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    binary = os.environ.get("KUBE_SERVER", str(ROOT / "build/release/tests/kube/kube_server"))
    directory = tmp_path_factory.mktemp("server")
    process = subprocess.Popen([binary, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    about = json.loads(process.stdout.readline())
    yield about
    process.stdin.close()
    assert process.wait(10) == 0


class Kubectl:
    def __init__(self, path, minor, server, home):
        self.path, self.minor, self.server, self.home = path, minor, server, home
        self.tokens = {"admin": "AKIAADMIN"}

    def kubeconfig(self, user="admin", token=None):
        ca = base64.b64encode(pathlib.Path(self.server["ca"]).read_bytes()).decode()
        token = token or iam_token(f"AKIA{user.upper()}")
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": self.server["server"], "certificate-authority-data": ca}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "users": [{"name": "u", "user": {"token": token} if token != "none" else {}}],
        }
        path = self.home / f"kubeconfig-{abs(hash(token))}"
        path.write_text(json.dumps(config))
        return path

    def run(self, *arguments, user="admin", token=None, stdin=None, environment=None):
        env = {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "KUBECONFIG": str(self.kubeconfig(user, token)),
            "KUBECTL_DISPATCHED": "1",
            **(environment or {}),
        }
        return subprocess.run(
            [self.path, *arguments], capture_output=True, text=True, input=stdin, env=env, timeout=60
        )

    def ok(self, *arguments, **options):
        done = self.run(*arguments, **options)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def refused(self, *arguments, **options):
        done = self.run(*arguments, **options)
        assert done.returncode != 0, f"{arguments}: {done.stdout}"
        return done.stderr

    def json(self, *arguments, **options):
        return json.loads(self.ok(*arguments, "-o", "json", **options))


@pytest.fixture(scope="session", params=[minor for minor, _ in KUBECTLS], ids=lambda minor: f"1.{minor}")
def kubectl(request, server, tmp_path_factory):
    minor = request.param
    return Kubectl(dict(KUBECTLS)[minor], minor, server, tmp_path_factory.mktemp(f"kubectl-1.{minor}"))


@pytest.fixture
def ns(kubectl, request):
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:60].strip("-")
    kubectl.ok("create", "namespace", name)
    yield name
    kubectl.run("delete", "namespace", name, "--wait=false")
