"""Terraform's AWS provider against a server: made, planned without a change, changed, planned again, destroyed.

Runs where `terraform` is on PATH and finds its AWS provider: in a plugin folder (`…/registry.terraform.io/hashicorp/aws`), or
wherever `terraform init` gets it from.
"""

import glob
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "api"))

from runner.server import Gatehouse  # noqa: E402

MODULES = sorted(p.name for p in HERE.iterdir() if (p / "main.tf").exists())
PLUGINS = ["/opt/*", "/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins", os.path.expanduser("~/.terraform.d/plugins")]


def plugin_folder():
    for pattern in PLUGINS:
        for folder in glob.glob(pattern):
            if os.path.isdir(os.path.join(folder, "registry.terraform.io/hashicorp/aws")):
                return folder
    return None


class Terraform:
    def __init__(self, module, folder):
        self.folder = folder
        shutil.copy(HERE / module / "main.tf", folder)
        self.server = Gatehouse()
        env = self.server.env
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1",
            "AWS_ACCESS_KEY_ID": env["accessKeyId"], "AWS_SECRET_ACCESS_KEY": env["secretAccessKey"],
            "TF_VAR_endpoint": env["endpoint"], "HTTPS_PROXY": env["proxy"], "AWS_CA_BUNDLE": env["caBundle"]}
        if plugins := plugin_folder():
            (folder / "rc").write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{plugins}" }}\n}}\n')
            self.environment["TF_CLI_CONFIG_FILE"] = str(folder / "rc")

    def run(self, *arguments, note="one", timeout=300):
        environment = {**self.environment, "TF_VAR_note": note}
        if arguments[0] == "init":  # the proxy knows AWS alone
            del environment["HTTPS_PROXY"]
        return subprocess.run(["terraform", *arguments, "-no-color"], cwd=self.folder, capture_output=True, text=True,
                              timeout=timeout, env=environment, check=False)

    def ok(self, *arguments, **options):
        done = self.run(*arguments, **options)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout


@pytest.fixture(params=MODULES)
def terraform(request, tmp_path):
    if shutil.which("terraform") is None:
        pytest.skip("there is no terraform")
    made = Terraform(request.param, tmp_path)
    try:
        ready = made.run("init")
        if ready.returncode != 0:
            pytest.skip("terraform has no AWS provider: " + ready.stderr.strip().splitlines()[0])
        yield made
    finally:
        made.server.stop()


def test_made_changed_and_destroyed(terraform):
    assert "Apply complete!" in terraform.ok("apply", "-auto-approve")
    assert "No changes." in terraform.ok("plan", "-detailed-exitcode")
    changed = terraform.ok("apply", "-auto-approve", note="two")
    assert "0 destroyed" in changed and "0 added" in changed and "0 changed" not in changed
    assert "No changes." in terraform.ok("plan", "-detailed-exitcode", note="two")
    assert "Destroy complete!" in terraform.ok("destroy", "-auto-approve", note="two")
    assert terraform.ok("state", "list") == ""
