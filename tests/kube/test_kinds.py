"""Secrets, events, nodes, leases, admission and owners, through kubectl."""

import base64
import json
import os
import stat

import pytest

from test_kubectl import claims, config_map, names, since


def manifest(kind, name, ns=None, api="v1", **more):
    metadata = {"name": name, **({"namespace": ns} if ns else {})}
    metadata.update(more.pop("metadata", {}))
    return json.dumps({"apiVersion": api, "kind": kind, "metadata": metadata, **more})


# secrets


def test_secret_of_each_type(kubectl, ns, tmp_path):
    def refused(kind, data):
        return kubectl.refused("create", "-f", "-", stdin=manifest("Secret", "s", ns, type=kind, stringData=data))

    assert "data[tls.key]: Required value" in refused("kubernetes.io/tls", {"tls.crt": "x"})
    assert "data[ssh-privatekey]: Required value" in refused("kubernetes.io/ssh-auth", {"a": "b"})
    assert "data[username]: Required value" in refused("kubernetes.io/basic-auth", {"a": "b"})
    error = refused("kubernetes.io/dockerconfigjson", {".dockerconfigjson": "no json"})
    assert "secret contents redacted" in error and "no json" not in error
    kubectl.ok("create", "secret", "docker-registry", "r", "-n", ns, "--docker-server=x", "--docker-username=u",
               "--docker-password=p")
    kept = kubectl.json("get", "secret", "r", "-n", ns)
    assert kept["type"] == "kubernetes.io/dockerconfigjson"
    auths = json.loads(base64.b64decode(kept["data"][".dockerconfigjson"]))["auths"]
    assert auths["x"]["username"] == "u"
    kubectl.ok("create", "-f", "-", stdin=manifest("Secret", "s", ns, stringData={"a": "b"}, data={"a": "eA==", "c": "ZA=="}))
    kept = kubectl.json("get", "secret", "s", "-n", ns)
    assert kept["data"] == {"a": "Yg==", "c": "ZA=="} and kept["type"] == "Opaque" and "stringData" not in kept
    assert "field is immutable" in kubectl.refused("patch", "secret", "s", "-n", ns, "-p", '{"type":"other"}')


def test_service_account_token_secret(kubectl, ns):
    since(27)(kubectl)
    kubectl.ok("create", "sa", "robot", "-n", ns)
    annotations = {"annotations": {"kubernetes.io/service-account.name": "robot"}}
    secret = manifest("Secret", "robot-token", ns, type="kubernetes.io/service-account-token", metadata=annotations)
    kubectl.ok("apply", "-f", "-", stdin=secret)
    kept = kubectl.json("get", "secret", "robot-token", "-n", ns)
    assert sorted(kept["data"]) == ["ca.crt", "namespace", "token"]
    token = base64.b64decode(kept["data"]["token"]).decode()
    assert claims(token)["kubernetes.io/serviceaccount/service-account.name"] == "robot"
    assert "exp" not in claims(token)
    assert f"system:serviceaccount:{ns}:robot" in kubectl.ok("auth", "whoami", token=token)
    assert "Tokens:              robot-token" in kubectl.ok("describe", "sa", "robot", "-n", ns)
    kubectl.ok("delete", "sa", "robot", "-n", ns)
    assert "not found" in kubectl.refused("get", "secret", "robot-token", "-n", ns)
    assert "You must be logged in" in kubectl.refused("auth", "whoami", token=token)


def test_immutable_config_map(kubectl, ns):
    kubectl.ok("create", "-f", "-", stdin=config_map(ns, {"a": "1"}, "fixed", immutable=True))
    error = kubectl.refused("patch", "cm", "fixed", "-n", ns, "-p", '{"data":{"a":"2"}}')
    assert "data: Forbidden: field is immutable when `immutable` is set" in error
    assert kubectl.json("get", "cm", "fixed", "-n", ns)["data"] == {"a": "1"}


# events


def event(ns, name, uid=None, **more):
    involved = {"apiVersion": "v1", "kind": "ConfigMap", "name": "c", "namespace": ns, **({"uid": uid} if uid else {})}
    return manifest("Event", name, ns, involvedObject=involved,
                    reason="Tested", message="it was tested", type="Normal", count=2,
                    source={"component": "suite"}, firstTimestamp="2026-01-01T00:00:00Z",
                    lastTimestamp="2026-01-01T00:00:00Z", **more)


def test_events_of_an_object(kubectl, ns):
    kubectl.ok("create", "configmap", "c", "-n", ns)
    uid = kubectl.json("get", "configmap", "c", "-n", ns)["metadata"]["uid"]
    kubectl.ok("create", "-f", "-", stdin=event(ns, "e", uid))
    lines = kubectl.ok("get", "events.v1.", "-n", ns).splitlines()
    assert lines[0].split()[:3] == ["LAST", "SEEN", "TYPE"]
    assert "configmap/c" in lines[1] and "it was tested" in lines[1]
    assert names(kubectl, "events.v1.", "-n", ns, "--field-selector", "involvedObject.name=c") == ["e"]
    assert names(kubectl, "events.v1.", "-n", ns, "--field-selector", "type=Warning") == []
    assert "Tested" in kubectl.ok("describe", "configmap", "c", "-n", ns)
    since(27)(kubectl)
    assert "it was tested" in kubectl.ok("events", "-n", ns, "--for", "configmap/c")


def test_events_have_two_faces(kubectl, ns):
    kubectl.ok("create", "-f", "-", stdin=event(ns, "old"))
    new = kubectl.json("get", "events.v1.events.k8s.io", "old", "-n", ns)
    assert new["apiVersion"] == "events.k8s.io/v1" and new["note"] == "it was tested"
    assert new["regarding"]["name"] == "c" and new["deprecatedCount"] == 2 and "message" not in new
    kubectl.ok("create", "-f", "-", stdin=manifest(
        "Event", "new", ns, "events.k8s.io/v1", regarding={"kind": "Secret", "name": "s", "namespace": ns},
        eventTime="2026-01-01T00:00:00.000000Z", reportingController="suite", reportingInstance="one",
        action="Testing", reason="Tested", note="hello", type="Warning"))
    old = kubectl.json("get", "events.v1.", "new", "-n", ns)
    assert old["message"] == "hello" and old["involvedObject"]["name"] == "s" and old["reportingComponent"] == "suite"
    assert names(kubectl, "events.v1.events.k8s.io", "-n", ns, "--field-selector", "regarding.kind=Secret") == ["new"]
    kubectl.ok("annotate", "events.v1.events.k8s.io", "new", "-n", ns, "a=b")
    assert kubectl.json("get", "events.v1.", "new", "-n", ns)["message"] == "hello"
    error = kubectl.refused("create", "--validate=false", "-f", "-", stdin=manifest(
        "Event", "bad", ns, "events.k8s.io/v1", regarding={"namespace": ns}, type="Normal"))
    assert "reportingController: Required value" in error and "eventTime: Required value" in error


# nodes and leases


def test_nodes_are_records(kubectl):
    name = f"ip-10-0-0-{kubectl.minor}.ec2.internal"
    status = {"conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": {"kubeletVersion": "v1.32.0"},
              "addresses": [{"type": "InternalIP", "address": "10.0.0.7"}]}
    labels = {"labels": {"node-role.kubernetes.io/worker": ""}}
    kubectl.ok("create", "--validate=false", "-f", "-", stdin=manifest("Node", name, metadata=labels, status=status))
    row = [line.split() for line in kubectl.ok("get", "node", name).splitlines()][1]
    assert row[:3] == [name, "Ready", "worker"] and row[4] == "v1.32.0"
    kubectl.ok("cordon", name)
    assert "SchedulingDisabled" in kubectl.ok("get", "node", name)
    kubectl.ok("taint", "node", name, "a=b:NoSchedule")
    assert {"key": "a", "value": "b", "effect": "NoSchedule"} in kubectl.json("get", "node", name)["spec"]["taints"]
    kubectl.ok("uncordon", name)
    kubectl.ok("wait", f"node/{name}", "--for=condition=Ready", "--timeout=10s")
    kubectl.ok("delete", "node", name)


def test_leases(kubectl, ns):
    lease = manifest("Lease", "leader", ns, "coordination.k8s.io/v1",
                     spec={"holderIdentity": "me", "leaseDurationSeconds": 15, "renewTime": "2026-01-01T00:00:00.000000Z"})
    kubectl.ok("apply", "-f", "-", stdin=lease)
    assert kubectl.ok("get", "lease", "leader", "-n", ns).splitlines()[1].split()[:2] == ["leader", "me"]
    kubectl.ok("patch", "lease", "leader", "-n", ns, "-p", '{"spec":{"holderIdentity":"you"}}')
    assert kubectl.json("get", "lease", "leader", "-n", ns)["spec"]["holderIdentity"] == "you"


# admission


def test_admission_objects_are_judged_and_kept(kubectl):
    name = f"p{kubectl.minor}"
    policy = manifest("ValidatingAdmissionPolicy", name, None, "admissionregistration.k8s.io/v1", spec={
        "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                                                "resources": ["configmaps"]}]},
        "validations": [{"expression": "true"}]})
    binding = manifest("ValidatingAdmissionPolicyBinding", name, None, "admissionregistration.k8s.io/v1",
                       spec={"policyName": name, "validationActions": ["Deny"]})
    kubectl.ok("apply", "-f", "-", stdin=policy)
    kubectl.ok("apply", "-f", "-", stdin=binding)
    kept = kubectl.json("get", "validatingadmissionpolicy", name)["spec"]
    assert kept["failurePolicy"] == "Fail" and kept["matchConstraints"]["resourceRules"][0]["scope"] == "*"
    assert kubectl.ok("get", "validatingadmissionpolicybinding", name).splitlines()[1].split()[:3] == [name, name, "<unset>"]
    for kind in ("validatingadmissionpolicybinding", "validatingadmissionpolicy"):
        kubectl.ok("delete", kind, name)
    bad = manifest("ValidatingWebhookConfiguration", name, None, "admissionregistration.k8s.io/v1",
                   webhooks=[{"name": "short", "clientConfig": {}, "admissionReviewVersions": ["v1"]}])
    error = kubectl.refused("create", "--validate=false", "-f", "-", stdin=bad)
    assert "should be a domain with at least three segments separated by dots" in error
    assert "webhooks[0].clientConfig: Required value: exactly one of url or service is required" in error
    assert "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun" in error


# roles


def test_aggregated_roles_follow_their_parts(kubectl, ns):
    name = f"aggregated-{kubectl.minor}"
    selector = {"clusterRoleSelectors": [{"matchLabels": {name: "true"}}]}
    kubectl.ok("apply", "-f", "-", stdin=manifest("ClusterRole", name, None, "rbac.authorization.k8s.io/v1",
                                                  aggregationRule=selector, rules=[]))
    assert not kubectl.json("get", "clusterrole", name).get("rules")
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}
    part = manifest("ClusterRole", name + "-part", None, "rbac.authorization.k8s.io/v1", rules=[rule],
                    metadata={"labels": {name: "true", "rbac.authorization.k8s.io/aggregate-to-view": "true"}})
    kubectl.ok("apply", "-f", "-", stdin=part)
    assert kubectl.json("get", "clusterrole", name)["rules"] == [rule]
    assert rule in kubectl.json("get", "clusterrole", "view")["rules"]
    assert rule in kubectl.json("get", "clusterrole", "admin")["rules"]
    kubectl.ok("delete", "clusterrole", name + "-part")
    assert not kubectl.json("get", "clusterrole", name).get("rules")
    assert rule not in kubectl.json("get", "clusterrole", "view")["rules"]
    kubectl.ok("delete", "clusterrole", name)


def test_nobody_grants_what_they_have_not(kubectl, ns):
    kubectl.ok("create", "rolebinding", "adm", "-n", ns, "--clusterrole=admin", f"--serviceaccount={ns}:default")
    who = f"--as=system:serviceaccount:{ns}:default"
    error = kubectl.refused("create", "rolebinding", "all", "-n", ns, "--clusterrole=cluster-admin", "--user=me", who)
    assert "is attempting to grant RBAC permissions not currently held" in error
    kubectl.ok("create", "rolebinding", "some", "-n", ns, "--clusterrole=view", "--user=me", who)
    error = kubectl.refused("create", "role", "nodes", "-n", ns, "--verb=get", "--resource=leases.coordination.k8s.io,nodes", who)
    assert 'APIGroups:[""], Resources:["nodes"], Verbs:["get"]' in error
    error = kubectl.refused("patch", "rolebinding", "some", "-n", ns, "-p", '{"roleRef":{"name":"edit"}}')
    assert "cannot change roleRef" in error


def test_auth_reconcile(kubectl, ns):
    role = manifest("Role", "r", ns, "rbac.authorization.k8s.io/v1",
                    rules=[{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}])
    assert "reconciled" in kubectl.ok("auth", "reconcile", "-f", "-", stdin=role)
    assert kubectl.json("get", "role", "r", "-n", ns)["rules"][0]["verbs"] == ["get"]


# owners


def owned(kubectl, ns, name, owner, **reference):
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": owner["metadata"]["name"],
                 "uid": owner["metadata"]["uid"], **reference}
    made = json.loads(config_map(ns, {}, name))
    made["metadata"]["ownerReferences"] = [reference]
    kubectl.ok("create", "-f", "-", stdin=json.dumps(made))


def cascade(kubectl, how):
    return f"--cascade={how}" if kubectl.minor >= 20 else "--cascade=true"


def owner_of_two(kubectl, ns):
    kubectl.ok("create", "configmap", "owner", "-n", ns)
    owner = kubectl.json("get", "cm", "owner", "-n", ns)
    owned(kubectl, ns, "one", owner, blockOwnerDeletion=True)
    owned(kubectl, ns, "two", owner)
    return owner


def test_dependents_go_in_the_background(kubectl, ns):
    owner_of_two(kubectl, ns)
    kubectl.ok("delete", "cm", "owner", "-n", ns, cascade(kubectl, "background"))
    assert names(kubectl, "cm", "-n", ns) == ["kube-root-ca.crt"]


def test_dependents_are_orphaned(kubectl, ns):
    owner_of_two(kubectl, ns)
    kubectl.ok("delete", "cm", "owner", "-n", ns, cascade(kubectl, "orphan"))
    left = kubectl.json("get", "cm", "-n", ns)["items"]
    assert [item["metadata"]["name"] for item in left] == ["kube-root-ca.crt", "one", "two"]
    assert not any("ownerReferences" in item["metadata"] for item in left)


def test_an_owner_waits_in_the_foreground(kubectl, ns):
    owner_of_two(kubectl, ns)
    kubectl.ok("patch", "cm", "one", "-n", ns, "--type=merge", "-p", '{"metadata":{"finalizers":["a.b/c"]}}')
    kubectl.ok("delete", "cm", "owner", "-n", ns, cascade(kubectl, "foreground"), "--wait=false")
    owner = kubectl.json("get", "cm", "owner", "-n", ns)["metadata"]
    assert owner["finalizers"] == ["foregroundDeletion"] and owner["deletionTimestamp"]
    assert names(kubectl, "cm", "-n", ns) == ["kube-root-ca.crt", "one", "owner"]
    kubectl.ok("patch", "cm", "one", "-n", ns, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert names(kubectl, "cm", "-n", ns) == ["kube-root-ca.crt"]


def test_what_nobody_owns_any_more_is_collected(kubectl, ns):
    gone = {"metadata": {"name": "gone", "uid": "00000000-0000-4000-8000-000000000000"}}
    owned(kubectl, ns, "stray", gone)
    assert names(kubectl, "cm", "-n", ns) == ["kube-root-ca.crt"]


def test_a_finalizer_keeps_a_namespace_and_says_so(kubectl):
    name = f"held-{kubectl.minor}"
    kubectl.ok("create", "namespace", name)
    kubectl.ok("create", "configmap", "c", "-n", name)
    kubectl.ok("patch", "cm", "c", "-n", name, "--type=merge", "-p", '{"metadata":{"finalizers":["a.b/c"]}}')
    kubectl.ok("delete", "namespace", name, "--wait=false")
    held = kubectl.json("get", "namespace", name)
    assert held["status"]["phase"] == "Terminating"
    by_type = {c["type"]: c for c in held["status"]["conditions"]}
    assert by_type["NamespaceContentRemaining"]["message"] == (
        "Some resources are remaining: configmaps. has 1 resource instances"
    )
    assert "a.b/c in 1 resource instances" in by_type["NamespaceFinalizersRemaining"]["message"]
    assert "because it is being terminated" in kubectl.refused("create", "cm", "more", "-n", name)
    kubectl.ok("patch", "cm", "c", "-n", name, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert "not found" in kubectl.refused("get", "namespace", name)


# ways to write


def test_client_side_apply_becomes_server_side(kubectl, ns):
    kubectl.ok("apply", "-f", "-", stdin=config_map(ns, {"a": "1", "b": "1"}))
    assert "serverside-applied" in kubectl.ok("apply", "--server-side", "-f", "-", stdin=config_map(ns, {"a": "2"}))
    since(27)(kubectl)
    kept = kubectl.json("get", "cm", "applied", "-n", ns, "--show-managed-fields")
    assert kept["data"] == {"a": "2"}, "what was applied before and is not now is gone"
    managers = [(m["manager"], m["operation"]) for m in kept["metadata"]["managedFields"]]
    assert ("kubectl-client-side-apply", "Update") not in managers and ("kubectl", "Apply") in managers


def test_edit(kubectl, ns, tmp_path):
    kubectl.ok("create", "configmap", "c", "-n", ns, "--from-literal=a=before")
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/before/after/' \"$1\"\n")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    kubectl.ok("edit", "cm", "c", "-n", ns, environment={"KUBE_EDITOR": str(editor)})
    assert kubectl.json("get", "cm", "c", "-n", ns)["data"] == {"a": "after"}


def test_apply_a_list_and_prune(kubectl, ns):
    items = [json.loads(config_map(ns, {"n": str(n)}, f"c{n}")) for n in range(3)]
    for item in items:
        item["metadata"]["labels"] = {"set": "x"}
    kubectl.ok("apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    assert names(kubectl, "cm", "-n", ns, "-l", "set=x") == ["c0", "c1", "c2"]
    out = kubectl.ok("apply", "--prune", "-l", "set=x", "--prune-whitelist=core/v1/ConfigMap" if kubectl.minor < 27 else
                     "--prune-allowlist=core/v1/ConfigMap", "-n", ns, "-f", "-", stdin=json.dumps(
                         {"apiVersion": "v1", "kind": "List", "items": items[:1]}))
    assert "configmap/c2 pruned" in out
    assert names(kubectl, "cm", "-n", ns, "-l", "set=x") == ["c0"]


def test_replace_and_its_force(kubectl, ns):
    kubectl.ok("create", "configmap", "c", "-n", ns, "--from-literal=a=1")
    before = kubectl.json("get", "cm", "c", "-n", ns)["metadata"]["uid"]
    assert kubectl.ok("replace", "-f", "-", stdin=config_map(ns, {"a": "2"}, "c")) == "configmap/c replaced\n"
    assert kubectl.json("get", "cm", "c", "-n", ns)["metadata"]["uid"] == before
    kubectl.ok("replace", "--force", "-f", "-", stdin=config_map(ns, {"a": "3"}, "c"))
    after = kubectl.json("get", "cm", "c", "-n", ns)
    assert after["metadata"]["uid"] != before and after["data"] == {"a": "3"}


def test_lists_come_in_chunks(kubectl, ns):
    items = [json.loads(config_map(ns, {}, f"c{n}")) for n in range(7)]
    kubectl.ok("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    every = [f"c{n}" for n in range(7)] + ["kube-root-ca.crt"]
    assert names(kubectl, "cm", "-n", ns, "--chunk-size=3") == every
    verbose = kubectl.run("get", "cm", "-n", ns, "--chunk-size=3", "-v=6")
    assert verbose.stderr.count("configmaps?") == 3
    assert [line.split()[0] for line in verbose.stdout.splitlines()[1:]] == every


def test_shapes_of_output(kubectl, ns):
    kubectl.ok("create", "configmap", "c", "-n", ns, "--from-literal=a=1")
    assert kubectl.ok("get", "cm", "c", "-n", ns, "-o", "name") == "configmap/c\n"
    assert kubectl.ok("get", "cm", "c", "-n", ns, "-o", "jsonpath={.data.a}") == "1"
    assert kubectl.ok("get", "cm", "c", "-n", ns, "-o", "go-template={{.data.a}}") == "1"
    assert kubectl.ok("get", "cm", "-n", ns, "-o", "custom-columns=N:.metadata.name", "--no-headers").split() == [
        "c", "kube-root-ca.crt"]
    assert "a: \"1\"" in kubectl.ok("get", "cm", "c", "-n", ns, "-o", "yaml")
    assert kubectl.ok("get", "cm", "-n", ns, "--sort-by=.metadata.creationTimestamp", "-o", "name").split()
    assert "CREATED AT" in kubectl.ok("get", "clusterroles")
    assert "Data" in kubectl.ok("describe", "cm", "c", "-n", ns)
    assert kubectl.ok("get", "ns", ns, "--show-labels").splitlines()[1].endswith(f"kubernetes.io/metadata.name={ns}")
    assert "selfsubjectaccessreviews" in kubectl.ok("api-resources", "-o", "wide")
    assert kubectl.ok("get", "--raw", "/readyz") == "ok"
