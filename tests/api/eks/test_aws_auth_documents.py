"""e6data's own ConfigMaps (E24 to E27 of docs/documents.md): what `gatehouse cluster lint` finds in them, by line, and what
happens to them at a cluster. https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
"""

import json
import pathlib
import re
import subprocess

import pytest
from runner.server import binary

DOCUMENTS = pathlib.Path(__file__).resolve().parents[2] / "data/documents/e6data"


def text(name):
    return (DOCUMENTS / f"aws-auth-{name}.yaml").read_text()


def lint(tmp_path, manifest, before=None):
    (tmp_path / "aws-auth.yaml").write_text(manifest)
    more = []
    if before is not None:
        (tmp_path / "before.yaml").write_text(before)
        more = ["--before", str(tmp_path / "before.yaml")]
    done = subprocess.run([binary(), "cluster", "lint", "--output", "json", *more, str(tmp_path / "aws-auth.yaml")], capture_output=True, text=True)
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == (1 if any(f["severity"] != "SUGGESTION" for f in findings) else 0), done.stderr
    for f in findings:
        assert f["message"].endswith(".") and 1 <= f["line"] <= manifest.count("\n") + 1 and f["column"] >= 1
    return findings


def found(findings, code):
    return [(f["line"], f["severity"]) for f in findings if f["code"] == code]


def says(findings, part):
    return [f["line"] for f in findings if part in f["message"] + " " + f["help"]]


def test_m41_a_letter_after_the_bar(tmp_path):
    findings = lint(tmp_path, text("before"))
    assert found(findings, "AWS_AUTH_NOT_YAML") == [(3, "ERROR")] and len(findings) == 1
    assert says(findings, "write `mapRoles: |`")


def test_m42_the_snippet_and_the_entry_among_members(tmp_path):
    assert found(lint(tmp_path, text("delta")), "AWS_AUTH_NOT_YAML") == [(2, "ERROR")]
    findings = lint(tmp_path, text("after"))
    assert found(findings, "AWS_AUTH_LIST_UNREADABLE") == [(9, "ERROR")]
    assert says(findings, "all of it is ignored, and whom it mapped is locked out") == [9]


def test_a_member_two_columns_to_the_left(tmp_path):
    """What yaml-cpp would take for the end of the list, and Go's reader refuses."""
    slipped = mended().replace("      username: e6data-w1-user", "    username: e6data-w1-user")
    assert slipped != mended() and found(lint(tmp_path, slipped), "AWS_AUTH_LIST_UNREADABLE") == [(11, "ERROR")]  # where it shows
    assert found(lint(tmp_path, mended() + "---\n" + mended()), "AWS_AUTH_SUPERSEDED") == [(1, "SUGGESTION")]


def before():
    return text("before").replace("|z", "|")


def test_m43_the_nodes_that_the_update_drops(tmp_path):
    findings = lint(tmp_path, text("after"), before())
    assert says(findings, "role/<NODE_GROUP_ROLE> was mapped to system:node:{{EC2PrivateDNSName}} and is no longer: its nodes will be NotReady")
    assert not found(lint(tmp_path, before(), before()), "AWS_AUTH_MAPPING_LOST")


def test_m44_nodes_that_are_masters(tmp_path):
    findings = lint(tmp_path, before())
    assert found(findings, "AWS_AUTH_NODES_ARE_MASTERS") == [(4, "SECURITY_WARNING")]
    assert found(findings, "AWS_AUTH_NODE_GROUP_MISSING") == [(4, "ERROR")] * 2


def test_m33_m34_placeholders_and_short_accounts(tmp_path):
    assert found(lint(tmp_path, before()), "AWS_AUTH_PLACEHOLDER") == [(4, "ERROR")]
    numbered = before().replace("<NODE_GROUP_ROLE>", "nodes")
    assert says(lint(tmp_path, numbered), "the account in arn:aws:iam::1234567890:role/nodes has 10 characters") == [4]
    for arn, what in (("instance-profile/nodes", "a instance-profile"), ("user/nodes", "a user")):
        assert says(lint(tmp_path, numbered.replace("1234567890:role/nodes", "123456789012:" + arn)), f"not a role's ARN but {what}") == [4]
    session = numbered.replace("arn:aws:iam::1234567890:role/nodes", "arn:aws:sts::123456789012:assumed-role/nodes/i-0123456789abcdef0")
    assert says(lint(tmp_path, session), "not a role's ARN but a assumed-role") == [4]


def mended(indent="    "):
    """The page's update with its entry where it belongs, its node role kept, and names put in."""
    entries = [
        "- groups:", "  - system:bootstrappers", "  - system:nodes", "  rolearn: arn:aws:iam::123456789012:role/nodes",
        "  username: system:node:{{EC2PrivateDNSName}}",
        "- rolearn: arn:aws:iam::123456789012:role/e6data", "  username: e6data-w1-user",
        "- groups:", "  - system:bootstrappers", "  - system:nodes", "  rolearn: arn:aws:iam::123456789012:role/karpenter",
        "  username: system:node:{{EC2PrivateDNSName}}"]
    return "apiVersion: v1\ndata:\n  mapRoles: |\n" + "".join(f"{indent}{line}\n" for line in entries) + \
        "kind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n"


def test_m45_spaces_in_the_names_of_nodes(tmp_path):
    quoted = mended().replace("username: system:node:{{", "username: \"system:node: {{").replace("}}\n", "}}\"\n").replace("- system:nodes", '- "system: nodes"')
    findings = lint(tmp_path, quoted)
    assert says(findings, 'is not "system:node:{{EC2PrivateDNSName}}"') == [4, 11] and says(findings, 'is not "system:nodes"') == [4, 11]
    unquoted = mended().replace("- system:bootstrappers", "- system: bootstrappers")
    assert found(lint(tmp_path, unquoted), "AWS_AUTH_ENTRY_IGNORED") == [(4, "ERROR"), (11, "ERROR")]
    assert says(lint(tmp_path, unquoted), "YAML reads as a map") == [4, 11]


def test_m46_the_servers_own_fields(tmp_path):
    findings = lint(tmp_path, text("after"))
    assert found(findings, "AWS_AUTH_SERVER_FIELD") == [(13, "WARNING"), (16, "WARNING"), (17, "WARNING")]
    assert [f["message"].split()[0] for f in findings if f["code"] == "AWS_AUTH_SERVER_FIELD"] == ["metadata.creationTimestamp", "metadata.resourceVersion", "metadata.uid"]


def test_m47_a_user_in_no_group(tmp_path):
    findings = lint(tmp_path, mended())
    assert found(findings, "AWS_AUTH_USER_UNBOUND") == [(9, "WARNING")]
    assert says(findings, "a RoleBinding must name the user e6data-w1-user") == [9]


def test_m48_a_role_with_a_path(tmp_path):
    findings = lint(tmp_path, mended().replace("role/e6data", "role/vendors/e6data"))
    assert found(findings, "AWS_AUTH_ROLE_PATH") == [(9, "WARNING")] and says(findings, "write arn:aws:iam::123456789012:role/e6data") == [9]


def test_m49_access_entries_are_newer(tmp_path):
    assert found(lint(tmp_path, mended()), "AWS_AUTH_SUPERSEDED") == [(1, "SUGGESTION")]


def test_a_mended_map_has_nothing_else(tmp_path):
    good = mended().replace("  username: e6data-w1-user", "  username: e6data-w1-user\n      groups: [e6data]")
    assert [f["code"] for f in lint(tmp_path, good, mended())] == ["AWS_AUTH_SUPERSEDED"]
    # What kubectl prints is read as well: quoted, and as JSON.
    as_json = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-auth", "namespace": "kube-system"},
                          "data": {"mapRoles": "- rolearn: arn:aws:iam::1234567890:role/x\n  username: x\n  groups: [g]\n"}})
    assert found(lint(tmp_path, as_json), "AWS_AUTH_ACCOUNT") == [(1, "ERROR")]


@pytest.mark.parametrize("manifest", ["", "[]", "kind: Secret", "a: &a [*a, *a]", "\x00", "- " * 1000, "kind: ConfigMap", "kind: ConfigMap\ndata: 1", "kind: ConfigMap\ndata: {mapRoles: 1}",
                                      "kind: ConfigMap\nmetadata: []\ndata: {mapRoles: \"- 1\\n- [x]\\n- {rolearn: 1}\"}"])
def test_what_is_no_manifest(tmp_path, manifest):
    assert lint(tmp_path, manifest)


def test_files_that_are_not_there(tmp_path):
    for arguments in (["/nowhere.yaml"], ["--before", "/nowhere.yaml", str(DOCUMENTS / "aws-auth-after.yaml")], [],
                      ["--before", str(DOCUMENTS / "aws-auth-before.yaml"), str(DOCUMENTS / "aws-auth-after.yaml")]):
        done = subprocess.run([binary(), "cluster", "lint", *arguments], capture_output=True, text=True)
        assert done.returncode == 2 and done.stderr and not done.stdout
    shown = subprocess.run([binary(), "cluster", "lint", str(DOCUMENTS / "aws-auth-before.yaml")], capture_output=True, text=True).stdout
    assert re.search(r"aws-auth-before.yaml:3:\d+: error: ", shown) and "  mapRoles: |z\n" in shown
