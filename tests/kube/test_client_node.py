"""client_node/: the suite of the JavaScript client, under Node."""

import os
import pathlib
import subprocess
import sys

import pytest

from conftest import Kubectl

HERE = pathlib.Path(__file__).resolve().parent / "client_node"
sys.path.insert(0, str(HERE.parents[1] / "api"))

from runner import npm  # noqa: E402


@pytest.fixture(scope="session")
def client():
    """The suite beside its packages, installed from the lock file."""
    folder = npm.installed(HERE, "suite.test.mjs")
    if folder is None:
        pytest.skip("there is no npm")
    return folder


def test_suite(client, server, tmp_path):
    kubeconfig = Kubectl("", 0, server, tmp_path).kubeconfig()
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", "suite.test.mjs"], cwd=client, capture_output=True, text=True,
        timeout=240, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "KUBECONFIG": str(kubeconfig)})
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "# fail 0" in done.stdout and "# pass 0" not in done.stdout
