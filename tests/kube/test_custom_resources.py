"""CustomResourceDefinitions and what they define, through kubectl."""

import json

import pytest

from test_kubectl import names, since

PATTERN = "^[a-z]+$"


def definition(group, **more):
    schema = {
        "type": "object",
        "required": ["spec"],
        "properties": {
            "spec": {
                "type": "object",
                "required": ["size"],
                "properties": {
                    "size": {"type": "integer", "minimum": 1, "maximum": 10},
                    "colour": {"type": "string", "enum": ["red", "green"], "default": "red"},
                    "word": {"type": "string", "pattern": PATTERN},
                    "parts": {
                        "type": "array",
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["name"],
                        "items": {
                            "type": "object",
                            "required": ["name"],
                            "properties": {"name": {"type": "string"}, "weight": {"type": "integer"}},
                        },
                    },
                },
            },
            "status": {"type": "object", "properties": {"phase": {"type": "string"}, "size": {"type": "integer"}}},
        },
    }
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {
            "status": {},
            "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"},
        },
        "additionalPrinterColumns": [
            {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
            {"name": "Colour", "type": "string", "jsonPath": ".spec.colour", "priority": 1},
            {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
        ],
    }
    version.update(more)
    older = {**version, "name": "v1beta1", "storage": False, "deprecated": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"], "categories": ["all"]},
            "versions": [version, older],
        },
    }


@pytest.fixture
def group(kubectl):
    name = f"k{kubectl.minor}.example.com"
    assert kubectl.ok("apply", "-f", "-", stdin=json.dumps(definition(name))) == (
        f"customresourcedefinition.apiextensions.k8s.io/widgets.{name} created\n"
    )
    yield name
    kubectl.run("delete", "crd", f"widgets.{name}", "--wait=false")


def widget(group, ns, spec, name="w", version="v1", **more):
    return json.dumps({"apiVersion": f"{group}/{version}", "kind": "Widget", "metadata": {"name": name, "namespace": ns},
                       "spec": spec, **more})


def test_a_definition_is_established(kubectl, group):
    out = kubectl.ok("wait", "--for", "condition=established", "--timeout=10s", "crd", f"widgets.{group}")
    assert out == f"customresourcedefinition.apiextensions.k8s.io/widgets.{group} condition met\n"
    made = kubectl.json("get", "crd", f"widgets.{group}")
    assert made["status"]["acceptedNames"]["singular"] == "widget"
    assert made["status"]["acceptedNames"]["listKind"] == "WidgetList"
    assert made["status"]["storedVersions"] == ["v1"]
    assert made["spec"]["conversion"] == {"strategy": "None"}
    assert made["metadata"]["generation"] == 1


def test_discovery_tells_of_it(kubectl, group):
    lines = [line.split() for line in kubectl.ok("api-resources", "--api-group", group, "--no-headers").splitlines()]
    assert lines == [["widgets", "wd", f"{group}/v1", "true", "Widget"]]
    versions = kubectl.ok("api-versions").splitlines()
    assert versions.index(f"{group}/v1") < versions.index(f"{group}/v1beta1")


def test_resources_are_made_shown_and_removed(kubectl, ns, group):
    assert kubectl.ok("apply", "-f", "-", stdin=widget(group, ns, {"size": 3})) == f"widget.{group}/w created\n"
    kept = kubectl.json("get", "widget", "w", "-n", ns)
    assert kept["spec"] == {"size": 3, "colour": "red"}, "the default is filled in"
    assert kept["apiVersion"] == f"{group}/v1" and kept["metadata"]["generation"] == 1
    assert [line.split()[:2] for line in kubectl.ok("get", "wd", "-n", ns).splitlines()] == [["NAME", "SIZE"], ["w", "3"]]
    assert kubectl.ok("get", "wd", "-n", ns, "-o", "wide").splitlines()[1].split()[:3] == ["w", "3", "red"]
    assert "w" in kubectl.ok("get", "all", "-n", ns)
    assert "Spec:" in kubectl.ok("describe", "widget", "w", "-n", ns)
    assert kubectl.ok("apply", "-f", "-", stdin=widget(group, ns, {"size": 4})) == f"widget.{group}/w configured\n"
    assert kubectl.json("get", "widget", "w", "-n", ns)["metadata"]["generation"] == 2
    kubectl.ok("label", "widget", "w", "-n", ns, "a=b")
    assert kubectl.json("get", "widget", "w", "-n", ns)["metadata"]["generation"] == 2
    assert names(kubectl, "widgets", "-n", ns, "-l", "a=b") == ["w"]
    assert kubectl.ok("delete", "widget", "w", "-n", ns) == f'widget.{group} "w" deleted\n'
    assert names(kubectl, "widgets", "-n", ns) == []


def test_each_version_shows_the_same_object(kubectl, ns, group):
    done = kubectl.run("create", "-f", "-", stdin=widget(group, ns, {"size": 3}, version="v1beta1"))
    assert done.returncode == 0
    assert f"Warning: {group}/v1beta1 Widget is deprecated" in done.stderr
    assert kubectl.json("get", f"widgets.v1.{group}", "w", "-n", ns)["apiVersion"] == f"{group}/v1"
    assert kubectl.json("get", f"widgets.v1beta1.{group}", "w", "-n", ns)["apiVersion"] == f"{group}/v1beta1"


def test_what_the_schema_refuses(kubectl, ns, group):
    def refused(spec):
        return kubectl.refused("create", "--validate=false", "-f", "-", stdin=widget(group, ns, spec))

    assert f'The Widget "w" is invalid: spec.size: Required value' in refused({})
    assert "spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10" in refused({"size": 11})
    assert 'spec.colour: Unsupported value: "blue": supported values: "red", "green"' in refused(
        {"size": 1, "colour": "blue"}
    )
    assert 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"' in refused(
        {"size": "many"}
    )
    assert f"spec.word: Invalid value: \"A1\": spec.word in body should match '{PATTERN}'" in refused(
        {"size": 1, "word": "A1"}
    )
    assert 'spec.parts[1]: Duplicate value: {"name":"a"}' in refused(
        {"size": 1, "parts": [{"name": "a"}, {"name": "a"}]}
    )
    assert names(kubectl, "widgets", "-n", ns) == []


def test_unknown_fields_are_pruned_or_refused(kubectl, ns, group):
    error = kubectl.refused("create", "-f", "-", stdin=widget(group, ns, {"size": 1, "sise": 2}))
    assert 'unknown field "spec.sise"' in error or 'unknown field "sise"' in error
    kubectl.ok("create", "--validate=false", "-f", "-", stdin=widget(group, ns, {"size": 1, "sise": 2}))
    assert kubectl.json("get", "widget", "w", "-n", ns)["spec"] == {"size": 1, "colour": "red"}


def test_status_is_written_by_its_own_path(kubectl, ns, group):
    kubectl.ok("create", "-f", "-", stdin=widget(group, ns, {"size": 1}, status={"phase": "Ready"}))
    assert "status" not in kubectl.json("get", "widget", "w", "-n", ns)
    since(27)(kubectl)
    kubectl.ok("patch", "widget", "w", "-n", ns, "--subresource=status", "--type=merge", "-p",
               '{"status":{"phase":"Ready"},"spec":{"size":9}}')
    kept = kubectl.json("get", "widget", "w", "-n", ns)
    assert kept["status"] == {"phase": "Ready"} and kept["spec"]["size"] == 1
    assert kept["metadata"]["generation"] == 1
    kubectl.ok("wait", "widget/w", "-n", ns, "--for=jsonpath={.status.phase}=Ready", "--timeout=10s")


def test_scale(kubectl, ns, group):
    kubectl.ok("create", "-f", "-", stdin=widget(group, ns, {"size": 1}))
    assert kubectl.ok("scale", "widget/w", "-n", ns, "--replicas=5") == f"widget.{group}/w scaled\n"
    assert kubectl.json("get", "widget", "w", "-n", ns)["spec"]["size"] == 5
    scale = json.loads(kubectl.ok("get", "--raw", f"/apis/{group}/v1/namespaces/{ns}/widgets/w/scale"))
    assert (scale["kind"], scale["spec"], scale["status"]) == ("Scale", {"replicas": 5}, {"replicas": 0})
    assert "spec.size" in kubectl.refused("scale", "widget/w", "-n", ns, "--replicas=50")
    error = kubectl.refused("scale", "widget/w", "-n", ns, "--replicas=3", "--current-replicas=4")
    assert "Expected replicas to be 4, was 5" in error


def test_server_side_apply_joins_lists_by_key(kubectl, ns, group):
    def apply(manager, parts, size=None):
        spec = {"parts": parts}
        if size:
            spec["size"] = size
        kubectl.ok("apply", "--server-side", "--validate=false", "--field-manager", manager, "-f", "-",
                   stdin=widget(group, ns, spec))
        return kubectl.json("get", "widget", "w", "-n", ns)["spec"]["parts"]

    assert apply("one", [{"name": "a", "weight": 1}], size=1) == [{"name": "a", "weight": 1}]
    assert apply("two", [{"name": "b"}]) == [{"name": "a", "weight": 1}, {"name": "b"}]
    assert apply("one", [], size=1) == [{"name": "b"}]


def test_patches(kubectl, ns, group):
    kubectl.ok("create", "-f", "-", stdin=widget(group, ns, {"size": 1}))
    kubectl.ok("patch", "widget", "w", "-n", ns, "--type=merge", "-p", '{"spec":{"colour":"green"}}')
    kubectl.ok("patch", "widget", "w", "-n", ns, "--type=json", "-p", '[{"op":"replace","path":"/spec/size","value":7}]')
    assert kubectl.json("get", "widget", "w", "-n", ns)["spec"] == {"size": 7, "colour": "green"}
    error = kubectl.refused("patch", "widget", "w", "-n", ns, "--type=strategic", "-p", '{"spec":{"size":1}}')
    assert "the body of the request was in an unknown format" in error


def test_explain_reads_the_schema(kubectl, group):
    assert "colour" in kubectl.ok("explain", f"widgets.spec", f"--api-version={group}/v1")


def test_a_namespace_takes_its_resources_along(kubectl, group):
    name = f"crns-{kubectl.minor}"
    kubectl.ok("create", "namespace", name)
    kubectl.ok("create", "-f", "-", stdin=widget(group, name, {"size": 1}))
    kubectl.ok("delete", "namespace", name)
    kubectl.ok("create", "namespace", name)
    assert names(kubectl, "widgets", "-n", name) == []
    kubectl.ok("delete", "namespace", name, "--wait=false")


def test_removing_the_definition_removes_its_resources(kubectl, ns, group):
    kubectl.ok("create", "-f", "-", stdin=widget(group, ns, {"size": 1}))
    kubectl.ok("delete", "crd", f"widgets.{group}")
    assert "the server doesn't have a resource type" in kubectl.refused("get", f"widgets.{group}", "-n", ns)
    kubectl.ok("apply", "-f", "-", stdin=json.dumps(definition(group)))
    assert names(kubectl, f"widgets.{group}", "-n", ns) == []


def test_finalizers_hold_the_definition(kubectl, ns, group):
    made = json.loads(widget(group, ns, {"size": 1}))
    made["metadata"]["finalizers"] = ["example.com/hold"]
    kubectl.ok("create", "-f", "-", stdin=json.dumps(made))
    kubectl.ok("delete", "crd", f"widgets.{group}", "--wait=false")
    assert kubectl.json("get", "crd", f"widgets.{group}")["metadata"]["deletionTimestamp"]
    kubectl.ok("patch", "widget", "w", "-n", ns, "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    assert "not found" in kubectl.refused("get", "crd", f"widgets.{group}")


def test_bad_definitions(kubectl):
    bad = definition("bad.example.com")
    bad["metadata"]["name"] = "other.bad.example.com"
    bad["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["word"]["pattern"] = "("
    bad["spec"]["versions"][1]["storage"] = True
    error = kubectl.refused("create", "--validate=false", "-f", "-", stdin=json.dumps(bad))
    assert 'metadata.name: Invalid value: "other.bad.example.com": must be spec.names.plural+"."+spec.group' in error
    assert "must be a valid regular expression" in error
    assert "must have exactly one version marked as storage version" in error
