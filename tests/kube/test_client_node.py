"""client_node/: the suite of the JavaScript client, under Node."""

import hashlib
import os
import pathlib
import shutil
import subprocess

import pytest

from conftest import ROOT, Kubectl

HERE = pathlib.Path(__file__).resolve().parent / "client_node"


@pytest.fixture(scope="session")
def client():
    """The suite beside its packages, installed from the lock file."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = ROOT / "build/client_node" / hashlib.sha256(lock).hexdigest()[:12]
    if not (folder / "node_modules/.package-lock.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, folder)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=300)
    shutil.copy(HERE / "suite.test.mjs", folder)
    return folder


def test_suite(client, server, tmp_path):
    kubeconfig = Kubectl("", 0, server, tmp_path).kubeconfig()
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", "suite.test.mjs"], cwd=client, capture_output=True, text=True,
        timeout=240, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "KUBECONFIG": str(kubeconfig)})
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "# fail 0" in done.stdout and "# pass 0" not in done.stdout
