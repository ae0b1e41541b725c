"""e6data's policies and PrivateLink's bucket policy as the documents print them, and `gatehouse policy explain` on what
readers then ask: why is this denied, or allowed? Each case names its finding (docs/mistakes.md).
"""

import json
import pathlib
import re
import subprocess

import pytest
from runner.server import ROOT, binary

BUCKET = "arn:aws:s3:::lake"


def document(name):
    """A snippet's statements, its placeholders filled in; "..." (M12) stands for more of the same."""
    text = (pathlib.Path(ROOT) / f"tests/data/documents/e6data/{name}.json").read_text(encoding="utf-8")
    text = text.replace("<VPC_endpoint_ID>", "vpce-1")
    text = re.sub(r",\s*\.\.\.", "", text)
    return json.loads(re.sub("<[A-Za-z0-9_]+>", "lake", text))["Statement"]


READ, READ_WRITE, UNLOAD = document("s3-read"), document("s3-read-write"), document("unload")  # E15 and E16, E20, E22
ENDPOINT = document("privatelink-bucket")  # P13
ENGINE = "arn:aws:sts::123456789012:assumed-role/engine/s"
VENDOR = "arn:aws:iam::444455556666:user/stranger"


def explain(tmp_path, action, resource, identity=None, policy=None, principal=ENGINE, context=None):
    policies = {}
    if identity is not None:
        policies["identity"] = [{"Version": "2012-10-17", "Statement": identity}]
    if policy is not None:
        policies["resource"] = {"Version": "2012-10-17", "Statement": policy}
    case = {"id": "c", "policies": policies,
            "request": {"principal": principal, "action": action, "resource": resource,
                        "resourceAccount": "123456789012", "context": context or {}}}
    file = tmp_path / "case.json"
    file.write_text(json.dumps(case))
    done = subprocess.run([binary(), "policy", "explain", str(file)], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize("policy", [READ, READ_WRITE])
def test_m1_listing_is_granted_by_the_bucket_statement_and_by_no_other(tmp_path, policy):
    code, text = explain(tmp_path, "s3:ListBucket", BUCKET, policy)
    assert code == 0 and 'statement 0 "ListBucket"' in text
    code, text = explain(tmp_path, "s3:ListBucket", BUCKET, policy[1:])
    assert code == 1 and text.startswith("ImplicitlyDenied, decided by identity")
    assert "Add an Allow to an identity policy of the caller, for s3:ListBucket on arn:aws:s3:::lake." in text


def test_m2_the_slash_behind_the_bucket(tmp_path):
    code, text = explain(tmp_path, "s3:ListBucket", BUCKET, UNLOAD)
    assert code == 1
    assert 'its Resource is "arn:aws:s3:::lake/"' in text
    without = json.loads(json.dumps(UNLOAD).replace(f'"{BUCKET}/"', f'"{BUCKET}"'))
    assert explain(tmp_path, "s3:ListBucket", BUCKET, without)[0] == 0


@pytest.mark.parametrize("action", ["s3:ListBucketVersions", "s3:GetBucketLocation"])
def test_m10_what_the_read_write_policy_lacks_on_the_bucket(tmp_path, action):
    code, text = explain(tmp_path, action, BUCKET, READ_WRITE)
    assert code == 1 and f"because no identity-based policy allows the {action} action" in text


@pytest.mark.parametrize("action", ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"])
def test_m10_what_the_read_write_policy_lacks_on_objects(tmp_path, action):
    code, text = explain(tmp_path, action, f"{BUCKET}/part", READ_WRITE)
    assert code == 1 and f"Add an Allow to an identity policy of the caller, for {action}" in text


def test_m32_the_unload_policy_deletes_nothing(tmp_path):
    assert explain(tmp_path, "s3:PutObject", f"{BUCKET}/k", UNLOAD)[0] == 0
    code, text = explain(tmp_path, "s3:DeleteObject", f"{BUCKET}/k", UNLOAD)
    assert code == 1 and "because no identity-based policy allows the s3:DeleteObject action" in text


def test_m32_an_arn_put_where_a_name_belongs(tmp_path):
    doubled = json.loads(json.dumps(UNLOAD).replace("arn:aws:s3:::lake", "arn:aws:s3:::arn:aws:s3:::lake"))
    code, text = explain(tmp_path, "s3:PutObject", f"{BUCKET}/k", doubled)
    assert code == 1 and 'its Resource is "arn:aws:s3:::arn:aws:s3:::lake/*"' in text


def test_m40_the_endpoint_policy_takes_nothing_away(tmp_path):
    code, text = explain(tmp_path, "s3:GetObject", f"{BUCKET}/k", READ, ENDPOINT)
    assert code == 0 and text.startswith("Allowed, decided by identity")
    assert 'the policy has "vpce-1", the request does not have the key' in text


def test_m40_anybody_who_comes_through_the_endpoint_may_do_everything_to_objects(tmp_path):
    through = {"aws:SourceVpce": "vpce-1"}
    for action in ("s3:GetObject", "s3:DeleteObject", "s3:PutObjectAcl"):
        code, text = explain(tmp_path, action, f"{BUCKET}/k", None, ENDPOINT, "*", through)
        assert code == 0 and 'resource policy 0, statement 0 "Statement1"' in text
    everything = [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]
    assert explain(tmp_path, "s3:DeleteObject", f"{BUCKET}/k", everything, ENDPOINT, VENDOR, through)[0] == 0
    code, text = explain(tmp_path, "s3:ListBucket", BUCKET, everything, ENDPOINT, VENDOR, through)
    assert code == 1 and "because no resource-based policy allows the s3:ListBucket action" in text


def test_m40_what_restricts_is_a_deny_and_it_strikes_the_administrator_too(tmp_path):
    deny = [{"Sid": "OnlyHere", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [BUCKET, f"{BUCKET}/*"],
             "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}]
    admin = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    code, text = explain(tmp_path, "s3:GetObject", f"{BUCKET}/k", admin, deny)
    assert code == 1 and text.startswith("ExplicitlyDenied, decided by resource") and '"OnlyHere"' in text
    assert explain(tmp_path, "s3:GetObject", f"{BUCKET}/k", admin, deny, context={"aws:SourceVpce": "vpce-1"})[0] == 0
