"""What kubectl does with a cluster, command by command, and what is there afterwards."""

import base64
import json

import pytest

ROLE = "arn:aws:iam::123456789012:role/sdc"


def since(minor):
    def decide(kubectl):
        if kubectl.minor < minor:
            pytest.skip(f"kubectl 1.{kubectl.minor} has no such command or flag")

    return decide


def claims(token):
    payload = token.strip().split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def names(kubectl, *arguments, **options):
    return [item["metadata"]["name"] for item in kubectl.json("get", *arguments, **options)["items"]]


# namespaces


def test_namespace_is_made_and_goes(kubectl):
    name = f"made-{kubectl.minor}"
    assert kubectl.ok("create", "namespace", name) == f"namespace/{name} created\n"
    made = kubectl.json("get", "namespace", name)
    assert made["status"] == {"phase": "Active"}
    assert made["spec"] == {"finalizers": ["kubernetes"]}
    assert made["metadata"]["labels"] == {"kubernetes.io/metadata.name": name}
    assert "default" in names(kubectl, "sa", "-n", name)
    assert kubectl.ok("delete", "namespace", name) == f'namespace "{name}" deleted\n'
    assert "not found" in kubectl.refused("get", "namespace", name)


def test_namespaces_are_listed_as_a_table(kubectl):
    lines = kubectl.ok("get", "ns").splitlines()
    assert lines[0].split() == ["NAME", "STATUS", "AGE"]
    assert lines[1].split()[:2] == ["default", "Active"]


def test_namespace_twice_is_refused(kubectl):
    assert kubectl.refused("create", "namespace", "default").strip() == (
        'Error from server (AlreadyExists): namespaces "default" already exists'
    )


def test_bad_namespace_name_is_refused_in_kubernetes_words(kubectl):
    error = kubectl.refused("create", "namespace", "Bad_Name")
    assert 'metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 label must consist of' in error


def test_protected_namespace_stays(kubectl):
    assert "this namespace may not be deleted" in kubectl.refused("delete", "namespace", "kube-system")


def test_describe_namespace(kubectl, ns):
    out = kubectl.ok("describe", "namespace", ns)
    assert f"Name:         {ns}" in out and "Status:       Active" in out


# service accounts


def test_service_account_annotated_as_the_documents_do(kubectl, ns):
    assert kubectl.ok("create", "serviceaccount", "sdc", "-n", ns) == "serviceaccount/sdc created\n"
    kubectl.ok("annotate", "serviceaccount", "sdc", "-n", ns, f"eks.amazonaws.com/role-arn={ROLE}")
    account = kubectl.json("get", "sa", "sdc", "-n", ns)
    assert account["metadata"]["annotations"] == {"eks.amazonaws.com/role-arn": ROLE}
    assert kubectl.ok("get", "sa", "sdc", "-n", ns, "-o", r"jsonpath={.metadata.annotations.eks\.amazonaws\.com/role-arn}") == ROLE
    refused = kubectl.refused("annotate", "serviceaccount", "sdc", "-n", ns, "eks.amazonaws.com/role-arn=other")
    assert "--overwrite is false" in refused
    kubectl.ok("annotate", "--overwrite", "serviceaccount", "sdc", "-n", ns, "eks.amazonaws.com/role-arn=other")
    kubectl.ok("annotate", "serviceaccount", "sdc", "-n", ns, "eks.amazonaws.com/role-arn-")
    assert "annotations" not in kubectl.json("get", "sa", "sdc", "-n", ns)["metadata"]


def test_labels_and_selectors(kubectl, ns):
    for name in ("a", "b"):
        kubectl.ok("create", "sa", name, "-n", ns)
    kubectl.ok("label", "sa", "a", "-n", ns, "team=x")
    assert names(kubectl, "sa", "-n", ns, "-l", "team=x") == ["a"]
    assert names(kubectl, "sa", "-n", ns, "-l", "team!=x") == ["b", "default"]
    assert names(kubectl, "sa", "-n", ns, "--field-selector", "metadata.name=b") == ["b"]
    assert kubectl.ok("get", "sa", "-n", ns, "-L", "team").splitlines()[1].split()[-1] == "x"
    kubectl.ok("delete", "sa", "-n", ns, "-l", "team=x")
    assert names(kubectl, "sa", "-n", ns) == ["b", "default"]


def test_describe_service_account(kubectl, ns):
    kubectl.ok("create", "sa", "sdc", "-n", ns)
    assert "Name:                sdc" in kubectl.ok("describe", "sa", "sdc", "-n", ns)


def test_unknown_service_account(kubectl, ns):
    assert kubectl.refused("get", "sa", "none", "-n", ns).strip() == (
        'Error from server (NotFound): serviceaccounts "none" not found'
    )


def test_default_service_account_comes_back(kubectl, ns):
    before = kubectl.json("get", "sa", "default", "-n", ns)["metadata"]["uid"]
    kubectl.ok("delete", "sa", "default", "-n", ns, "--wait=false")
    assert kubectl.json("get", "sa", "default", "-n", ns)["metadata"]["uid"] != before


def test_token(kubectl, ns, server):
    since(24)(kubectl)
    token = kubectl.ok("create", "token", "default", "-n", ns, "--audience", "sts.amazonaws.com", "--duration", "20m")
    got = claims(token)
    assert got["iss"] == server["issuer"]
    assert got["sub"] == f"system:serviceaccount:{ns}:default"
    assert got["aud"] == ["sts.amazonaws.com"]
    assert got["exp"] - got["iat"] == 1200
    assert got["kubernetes.io"]["serviceaccount"]["name"] == "default"


def test_token_lives_ten_minutes_at_least(kubectl, ns):
    since(24)(kubectl)
    error = kubectl.refused("create", "token", "default", "-n", ns, "--duration", "1m")
    assert "may not specify a duration less than 10 minutes" in error


def test_service_account_token_is_a_user(kubectl, ns):
    since(27)(kubectl)
    token = kubectl.ok("create", "token", "default", "-n", ns).strip()
    assert f"system:serviceaccount:{ns}:default" in kubectl.ok("auth", "whoami", token=token)
    assert kubectl.refused("get", "secrets", "-n", ns, token=token).strip() == (
        f'Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:{ns}:default" cannot list '
        f'resource "secrets" in API group "" in the namespace "{ns}"'
    )


# config maps and secrets


def test_config_map_of_literals(kubectl, ns):
    kubectl.ok("create", "configmap", "c", "-n", ns, "--from-literal=a=1", "--from-literal=b=2")
    assert kubectl.json("get", "cm", "c", "-n", ns)["data"] == {"a": "1", "b": "2"}
    assert kubectl.ok("get", "cm", "c", "-n", ns).splitlines()[1].split()[:2] == ["c", "2"]
    assert "a:\n----\n1\n" in kubectl.ok("describe", "cm", "c", "-n", ns)


def test_secret_is_encoded(kubectl, ns):
    kubectl.ok("create", "secret", "generic", "s", "-n", ns, "--from-literal=k=v")
    secret = kubectl.json("get", "secret", "s", "-n", ns)
    assert secret["type"] == "Opaque" and base64.b64decode(secret["data"]["k"]) == b"v"
    assert kubectl.ok("get", "secret", "s", "-n", ns).splitlines()[1].split()[:3] == ["s", "Opaque", "1"]


@pytest.mark.parametrize(
    "kind,patch", [("merge", '{"data":{"a":null,"b":"2"}}'), ("strategic", '{"data":{"a":null,"b":"2"}}'),
                   ("json", '[{"op":"remove","path":"/data/a"},{"op":"add","path":"/data/b","value":"2"}]')]
)
def test_patches(kubectl, ns, kind, patch):
    kubectl.ok("create", "configmap", "c", "-n", ns, "--from-literal=a=1")
    kubectl.ok("patch", "configmap", "c", "-n", ns, "--type", kind, "-p", patch)
    assert kubectl.json("get", "cm", "c", "-n", ns)["data"] == {"b": "2"}


def config_map(ns, data, name="applied", **more):
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": ns}, "data": data, **more})


def test_apply_and_apply_again(kubectl, ns):
    apply = ["apply", "-f", "-"]
    assert kubectl.ok(*apply, stdin=config_map(ns, {"a": "1", "b": "1"})) == "configmap/applied created\n"
    assert kubectl.ok(*apply, stdin=config_map(ns, {"a": "1", "b": "1"})) == "configmap/applied unchanged\n"
    assert kubectl.ok(*apply, stdin=config_map(ns, {"a": "2"})) == "configmap/applied configured\n"
    assert kubectl.json("get", "cm", "applied", "-n", ns)["data"] == {"a": "2"}


def test_apply_names_the_unknown_field(kubectl, ns):
    error = kubectl.refused("apply", "-f", "-", stdin=config_map(ns, {"a": "1"}, dat={"x": "y"}))
    assert 'unknown field "dat"' in error


def test_server_side_apply(kubectl, ns):
    apply = ["apply", "--server-side", "-f", "-"]
    assert "serverside-applied" in kubectl.ok(*apply, stdin=config_map(ns, {"a": "1", "b": "1"}))
    kubectl.ok(*apply, stdin=config_map(ns, {"a": "2"}))
    assert kubectl.json("get", "cm", "applied", "-n", ns)["data"] == {"a": "2"}
    error = kubectl.refused(*apply, "--field-manager", "other", stdin=config_map(ns, {"a": "3"}))
    assert 'Apply failed with 1 conflict: conflict with "kubectl" using v1: .data.a' in error
    kubectl.ok(*apply, "--field-manager", "other", "--force-conflicts", stdin=config_map(ns, {"a": "3", "c": "3"}))
    kubectl.ok(*apply, stdin=config_map(ns, {}))
    assert kubectl.json("get", "cm", "applied", "-n", ns)["data"] == {"a": "3", "c": "3"}


def test_managed_fields_say_who(kubectl, ns):
    since(27)(kubectl)
    kubectl.ok("create", "configmap", "c", "-n", ns, "--from-literal=a=1")
    kubectl.ok("label", "configmap", "c", "-n", ns, "x=y")
    managed = kubectl.json("get", "cm", "c", "-n", ns, "--show-managed-fields")["metadata"]["managedFields"]
    by = {entry["manager"]: entry["fieldsV1"] for entry in managed}
    assert by["kubectl-create"] == {"f:data": {".": {}, "f:a": {}}}
    assert by["kubectl-label"] == {"f:metadata": {"f:labels": {".": {}, "f:x": {}}}}


def test_dry_run_keeps_nothing(kubectl, ns):
    since(27)(kubectl)
    kubectl.ok("create", "configmap", "c", "-n", ns, "--from-literal=a=1", "--dry-run=server")
    assert "not found" in kubectl.refused("get", "cm", "c", "-n", ns)


def test_diff_shows_the_change_and_makes_none(kubectl, ns):
    kubectl.ok("apply", "-f", "-", stdin=config_map(ns, {"a": "1"}))
    done = kubectl.run("diff", "-f", "-", stdin=config_map(ns, {"a": "2"}))
    assert done.returncode == 1 and "+  a: \"2\"" in done.stdout
    assert kubectl.json("get", "cm", "applied", "-n", ns)["data"] == {"a": "1"}


def test_replace_with_an_old_version_conflicts(kubectl, ns):
    kubectl.ok("create", "configmap", "c", "-n", ns, "--from-literal=a=1")
    old = kubectl.json("get", "cm", "c", "-n", ns)
    kubectl.ok("label", "cm", "c", "-n", ns, "x=y")
    error = kubectl.refused("replace", "-f", "-", stdin=json.dumps(old))
    assert "(Conflict)" in error and "the object has been modified" in error


def test_wait_for_deletion(kubectl, ns):
    kubectl.ok("create", "configmap", "c", "-n", ns)
    kubectl.ok("delete", "configmap", "c", "-n", ns, "--wait=true", "--timeout=10s")
    assert names(kubectl, "cm", "-n", ns) == ["kube-root-ca.crt"]


def test_delete_all(kubectl, ns):
    kubectl.ok("create", "secret", "generic", "s", "-n", ns)
    kubectl.ok("delete", "secret", "--all", "-n", ns)
    assert names(kubectl, "secret", "-n", ns) == []


# roles


def test_roles_and_bindings(kubectl, ns):
    kubectl.ok("create", "role", "reader", "-n", ns, "--verb=get,list", "--resource=configmaps")
    kubectl.ok("create", "rolebinding", "reader", "-n", ns, "--role=reader", f"--serviceaccount={ns}:default")
    assert kubectl.json("get", "role", "reader", "-n", ns)["rules"] == [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}
    ]
    binding = kubectl.json("get", "rolebinding", "reader", "-n", ns)
    assert binding["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
    who = f"--as=system:serviceaccount:{ns}:default"
    assert kubectl.ok("auth", "can-i", "list", "configmaps", "-n", ns, who).strip() == "yes"
    assert kubectl.run("auth", "can-i", "list", "secrets", "-n", ns, who).stdout.strip() == "no"
    assert kubectl.run("auth", "can-i", "list", "configmaps", "-n", "default", who).stdout.strip() == "no"
    kubectl.ok("get", "configmaps", "-n", ns, who)
    assert "Forbidden" in kubectl.refused("delete", "configmap", "kube-root-ca.crt", "-n", ns, who)
    assert "reader" in kubectl.ok("get", "rolebinding", "-n", ns, "-o", "wide")
    assert "configmaps" in kubectl.ok("describe", "role", "reader", "-n", ns)


def test_cluster_roles(kubectl):
    assert "cluster-admin" in names(kubectl, "clusterroles")
    assert "*.*" in kubectl.ok("describe", "clusterrole", "cluster-admin")


def test_can_i_of_the_creator(kubectl):
    assert kubectl.ok("auth", "can-i", "*", "*").strip().endswith("yes")
    assert "*.*" in kubectl.ok("auth", "can-i", "--list")


def test_whoami(kubectl):
    since(27)(kubectl)
    out = kubectl.ok("auth", "whoami")
    assert "kubernetes-admin" in out and "system:masters" in out


# who may enter


def test_unmapped_principal_and_nobody(kubectl):
    assert "You must be logged in to the server" in kubectl.refused("get", "ns", user="stranger")


def test_nobody_is_anonymous(server):
    import ssl
    import urllib.error
    import urllib.request

    context = ssl.create_default_context(cafile=server["ca"])
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(server["server"] + "/api/v1/namespaces", context=context, timeout=20)
    assert refused.value.code == 403
    status = json.loads(refused.value.read())
    assert 'User "system:anonymous" cannot list resource "namespaces"' in status["message"]


def test_aws_auth_lets_a_user_in(kubectl, ns):
    user = f"mapped{kubectl.minor}"
    data = {"mapUsers": f"- userarn: arn:aws:iam::123456789012:user/{user}\n  username: {user}\n  groups: [g-{ns}]\n"}
    kubectl.run("delete", "cm", "aws-auth", "-n", "kube-system")
    kubectl.ok("create", "-f", "-", stdin=config_map("kube-system", data, "aws-auth"))
    assert "Forbidden" in kubectl.refused("get", "cm", "-n", ns, user=user)
    kubectl.ok("create", "rolebinding", "v", "-n", ns, "--clusterrole=view", f"--group=g-{ns}")
    kubectl.ok("get", "cm", "-n", ns, user=user)
    assert "Forbidden" in kubectl.refused("get", "secrets", "-n", ns, user=user)
    kubectl.ok("delete", "cm", "aws-auth", "-n", "kube-system")
    assert "You must be logged in" in kubectl.refused("get", "cm", "-n", ns, user=user)


# what there is


def test_api_resources(kubectl):
    out = kubectl.ok("api-resources")
    for kind in ("ConfigMap", "Namespace", "ServiceAccount", "RoleBinding", "Lease", "CustomResourceDefinition"):
        assert kind in out


def test_api_versions(kubectl):
    assert "rbac.authorization.k8s.io/v1" in kubectl.ok("api-versions").splitlines()


def test_version(kubectl):
    assert kubectl.json("version")["serverVersion"]["major"] == "1"


def test_explain(kubectl):
    out = kubectl.ok("explain", "serviceaccount.metadata")
    assert "ownerReferences" in out


def test_raw_issuer_documents(kubectl, server):
    assert json.loads(kubectl.ok("get", "--raw", "/.well-known/openid-configuration"))["issuer"] == server["issuer"]
    assert json.loads(kubectl.ok("get", "--raw", "/openid/v1/jwks"))["keys"][0]["kty"] == "RSA"


def test_unknown_kind(kubectl):
    assert "the server doesn't have a resource type" in kubectl.refused("get", "unicorns")


def test_watch_sees_changes(kubectl, ns):
    import subprocess

    watching = subprocess.Popen(
        [kubectl.path, "get", "cm", "-n", ns, "--watch", "--output-watch-events", "--no-headers", "--request-timeout=20s"],
        stdout=subprocess.PIPE, text=True,
        env={"HOME": str(kubectl.home), "PATH": "/usr/bin:/bin", "KUBECONFIG": str(kubectl.kubeconfig())},
    )
    try:
        assert watching.stdout.readline().split()[:2] == ["ADDED", "kube-root-ca.crt"]
        kubectl.ok("create", "configmap", "c", "-n", ns)
        assert watching.stdout.readline().split()[:2] == ["ADDED", "c"]
        kubectl.ok("label", "configmap", "c", "-n", ns, "x=y")
        assert watching.stdout.readline().split()[:2] == ["MODIFIED", "c"]
        kubectl.ok("delete", "configmap", "c", "-n", ns)
        assert watching.stdout.readline().split()[:2] == ["DELETED", "c"]
    finally:
        watching.kill()
        watching.wait()


def test_installers_find_what_they_stored(kubectl):
    name = f"w{kubectl.minor}"
    hook = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": name},
        "webhooks": [{"name": "a.b.c", "admissionReviewVersions": ["v1"], "sideEffects": "None",
                      "clientConfig": {"url": "https://127.0.0.1/mutate"}}],
    }
    kubectl.ok("create", "-f", "-", stdin=json.dumps(hook))
    kept = kubectl.json("get", "mutatingwebhookconfiguration", name)
    defaults = {"failurePolicy": "Fail", "matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {},
                "reinvocationPolicy": "Never", "timeoutSeconds": 10}
    assert kept["webhooks"] == [{**hook["webhooks"][0], **defaults}]
    assert kept["metadata"]["generation"] == 1
    kubectl.ok("delete", "mutatingwebhookconfiguration", name)
