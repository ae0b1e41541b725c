"""What is not as it should be: Kubernetes' own Status, its reason and code, and nothing half-applied. Over plain HTTPS, because
kubectl would not send most of it."""

import base64
import datetime
import json
import ssl
import struct
import urllib.error
import urllib.request

import pytest

from conftest import iam_token

NS = "/api/v1/namespaces/default"
MAPS = NS + "/configmaps"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"


class Api:
    def __init__(self, server):
        self.base = server["server"]
        self.context = ssl.create_default_context(cafile=server["ca"])

    def __call__(self, method, path, body=None, type="application/json", token=None, **headers):
        data = json.dumps(body) if isinstance(body, (dict, list)) else body
        data = data.encode() if isinstance(data, str) else data
        request = urllib.request.Request(self.base + path, data, method=method, headers={
            "Authorization": "Bearer " + (token or iam_token("AKIAADMIN")), "Content-Type": type,
            **{k.replace("_", "-"): v for k, v in headers.items()}})
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=30) as answer:
                return answer.status, answer.read(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read(), error.headers

    def refused(self, code, reason, *arguments, **options):
        status, text, _ = self(*arguments, **options)
        answer = json.loads(text)
        assert (status, answer.get("reason")) == (code, reason), answer
        assert (answer["kind"], answer["apiVersion"], answer["status"], answer["code"]) == ("Status", "v1", "Failure", code)
        return answer["message"]

    def json(self, *arguments, **options):
        status, text, _ = self(*arguments, **options)
        assert status < 300, text
        return json.loads(text)


@pytest.fixture(scope="module")
def api(server):
    return Api(server)


@pytest.fixture
def maps(api):
    """Nothing that is refused may leave anything behind."""
    before = api.json("GET", MAPS)["items"]
    yield
    assert api.json("GET", MAPS)["items"] == before


@pytest.mark.parametrize("body, type", [
    ("", "application/json"), ("{", "application/json"), ("[]", "application/json"), ("7", "application/json"),
    ('"text"', "application/json"), ("a: [", "application/yaml"), ("- a", "application/yaml"),
    ('{"metadata":{"name":"x"},"data":{"a":1}}', "application/json"), ('{"metadata":{"name":"x"},"data":[]}', "application/json"),
    ('{"metadata":{"name":{}}}', "application/json"), ('{"metadata":"x"}', "application/json"),
    ('{"metadata":{"name":"x"},"binaryData":{"a":"***"}}', "application/json"),
    ("no protobuf", "application/vnd.kubernetes.protobuf"), (b"k8s\0\x12\xff\xff\xff\xff\x0f", "application/vnd.kubernetes.protobuf"),
    ("[" * 100_000, "application/json"), ("&a [*a, *a]", "application/yaml"),
])
def test_manifests_that_are_not(api, maps, body, type):
    api.refused(400, "BadRequest", "POST", MAPS, body, type)


def test_another_kind_or_version(api, maps):
    assert "cannot be handled as a ConfigMap" in api.refused(
        400, "BadRequest", "POST", MAPS, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}})
    assert "does not match the expected API version" in api.refused(
        400, "BadRequest", "POST", MAPS, {"apiVersion": "v2", "kind": "ConfigMap", "metadata": {"name": "x"}})
    api.refused(404, "NotFound", "POST", "/apis/apps/v9/namespaces/default/unicorns", {})


def test_strict_fields(api, maps):
    body = '{"metadata":{"name":"x","labelz":{}},"data":{"a":"1","a":"2"},"extra":1}'
    message = api.refused(400, "BadRequest", "POST", MAPS + "?fieldValidation=Strict", body)
    for part in ('unknown field "metadata.labelz"', 'unknown field "extra"', 'duplicate field "data.a"'):
        assert part in message
    assert "fieldValidation: Unsupported value" in api.refused(422, "Invalid", "POST", MAPS + "?fieldValidation=Maybe", body)
    status, text, headers = api("POST", MAPS + "?fieldValidation=Warn&dryRun=All", body)
    assert status == 201 and len(headers.get_all("Warning")) == 3
    status, text, headers = api("POST", MAPS + "?fieldValidation=Ignore&dryRun=All", body)
    assert status == 201 and headers.get_all("Warning") is None


def test_an_object_that_was_read_and_is_made_again(api, maps):
    """https://github.com/kubernetes/kubernetes/pull/62836"""
    read = {"metadata": {"name": "x", "resourceVersion": "126345", "uid": "234r5g4-3442-48r6-9fd8-320dee97ce8b"}}
    assert api.refused(500, None, "POST", MAPS, read) == "resourceVersion should not be set on objects to be created"
    read["metadata"]["resourceVersion"] = "0"
    assert api("POST", MAPS + "?dryRun=All", read)[0] == 201


def test_media_types_and_methods(api, maps):
    api.refused(415, "UnsupportedMediaType", "POST", MAPS, "{}", "text/plain")
    api.refused(415, "UnsupportedMediaType", "PATCH", MAPS + "/kube-root-ca.crt", "{}", "application/json")
    api.refused(406, "NotAcceptable", "GET", MAPS, Accept="text/html")
    api.refused(405, "MethodNotAllowed", "PUT", MAPS, {})
    api.refused(405, "MethodNotAllowed", "DELETE", "/api/v1/namespaces")


def test_sizes(api, maps):
    big = {"metadata": {"name": "x"}, "data": {"a": "x" * (1 << 20 | 1)}}
    assert "Too long: must have at most 1048576 bytes" in api.refused(422, "Invalid", "POST", MAPS, big)
    lease = {"metadata": {"name": "x", "annotations": {}}, "spec": {"holderIdentity": "x" * (1_700_000)}}
    assert api.refused(500, None, "POST", "/apis/coordination.k8s.io/v1/namespaces/default/leases", lease) == (
        "etcdserver: request is too large")
    assert api("GET", "/apis/coordination.k8s.io/v1/namespaces/default/leases/x")[0] == 404
    huge = {"metadata": {"name": "x"}, "data": {"a": "x" * (3 << 20)}}
    assert "limit is 3145728" in api.refused(413, "RequestEntityTooLarge", "POST", MAPS, huge)
    many = {"metadata": {"name": "x", "annotations": {"a": "x" * (256 << 10)}}}
    assert "metadata.annotations: Too long" in api.refused(422, "Invalid", "POST", MAPS, many)


def test_patches_that_do_not_apply(api, maps):
    one = MAPS + "/kube-root-ca.crt"
    api.refused(400, "BadRequest", "PATCH", one, "{", MERGE)
    api.refused(400, "BadRequest", "PATCH", one, "[]", MERGE)
    api.refused(400, "BadRequest", "PATCH", one, "{}", JSON_PATCH)
    for operation in ({"op": "remove", "path": "/data/none"}, {"op": "test", "path": "/data/ca.crt", "value": "x"},
                      {"op": "replace", "path": "/data/none", "value": "x"}, {"op": "fly", "path": "/data", "value": 1},
                      {"op": "move", "from": "/data", "path": "/data/x"}, {"op": "add", "path": "data", "value": 1}):
        first = {"op": "add", "path": "/data/added", "value": "x"}
        api.refused(422, "Invalid", "PATCH", one, [first, operation], JSON_PATCH)
    api.refused(400, "BadRequest", "PATCH", one, {"kind": "Secret"}, MERGE)
    api.refused(400, "BadRequest", "PATCH", one, {"data": {"a": 1}}, MERGE)
    api.refused(422, "Invalid", "PATCH", one, {"metadata": {"name": "other"}}, MERGE)
    api.refused(409, "Conflict", "PATCH", one, {"metadata": {"resourceVersion": "1"}}, MERGE)
    api.refused(409, "Conflict", "PATCH", one, {"metadata": {"uid": "other"}}, MERGE)
    api.refused(404, "NotFound", "PATCH", MAPS + "/none", {}, MERGE)
    api.refused(413, "RequestEntityTooLarge", "PATCH", one, [{"op": "test", "path": "/a", "value": 1}] * 10_001, JSON_PATCH)
    assert "fieldManager: Required value" in api.refused(
        422, "Invalid", "PATCH", one, {"apiVersion": "v1", "kind": "ConfigMap"}, "application/apply-patch+yaml")


def test_yaml_that_goes_on_behind_its_end(api, maps):
    """The list ends where a member stands too far to the left; Go's reader, and kubectl with it, refuses that."""
    body = 'metadata: {name: x}\ndata:\n  a: b\n'
    assert api("POST", MAPS + "?dryRun=All", body, "application/yaml")[0] == 201
    for more in ("- c\n", " c: d\n", "] x\n"):
        api.refused(400, "BadRequest", "POST", MAPS, body + more, "application/yaml")


def test_list_options(api):
    assert "Too large resource version" in api.refused(504, "Timeout", "GET", MAPS + "?resourceVersion=999999999")
    api.refused(422, "Invalid", "GET", MAPS + "?resourceVersion=abc")
    api.refused(422, "Invalid", "GET", MAPS + "?resourceVersionMatch=Exact")
    api.refused(422, "Invalid", "GET", MAPS + "?watch=true&sendInitialEvents=true")
    api.refused(400, "BadRequest", "GET", MAPS + "?continue=nonsense")
    api.refused(400, "BadRequest", "GET", MAPS + "?limit=many")
    api.refused(400, "BadRequest", "GET", MAPS + "?fieldSelector=data.a%3D1")
    api.refused(400, "BadRequest", "GET", MAPS + "?labelSelector=a+in+b")


def test_delete_options(api, maps):
    one = MAPS + "/kube-root-ca.crt"
    api.refused(409, "Conflict", "DELETE", one, {"preconditions": {"uid": "other"}})
    api.refused(409, "Conflict", "DELETE", one, {"preconditions": {"resourceVersion": "1"}})
    api.refused(422, "Invalid", "DELETE", one, {"propagationPolicy": "Sometimes"})
    api.refused(422, "Invalid", "DELETE", one, {"propagationPolicy": "Orphan", "orphanDependents": True})
    api.refused(422, "Invalid", "DELETE", one, {"dryRun": ["Some"]})


def tampered(token, **claims):
    head, body, signature = token.split(".")
    padded = body + "=" * (-len(body) % 4)
    changed = {**json.loads(base64.urlsafe_b64decode(padded)), **claims}
    encoded = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
    return f"{head}.{encoded}.{signature}"


def test_tokens(api):
    path = NS + "/serviceaccounts/default/token"
    token = api.json("POST", path, {"spec": {}})["status"]["token"]
    assert api("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, token=token)[0] == 201
    elsewhere = api.json("POST", path, {"spec": {"audiences": ["sts.amazonaws.com"]}})["status"]["token"]
    later = int(datetime.datetime.now().timestamp()) + 3600
    bad = [elsewhere, tampered(token, sub="system:serviceaccount:kube-system:default"), tampered(token, nbf=later),
           tampered(token, iss="https://oidc.eks.us-east-1.amazonaws.com/id/" + "0" * 32), token[:-4] + "AAAA", "a.b.c", "x",
           "k8s-aws-v1.", "k8s-aws-v1.!!!", "k8s-aws-v1." + base64.urlsafe_b64encode(b"https://example.com/").decode()]
    for one in bad:
        assert api.refused(401, "Unauthorized", "GET", MAPS, token=one) == "Unauthorized"
    for seconds, why in ((1, "less than 10 minutes"), (1 << 33, "larger than 2^32 seconds")):
        assert why in api.refused(422, "Invalid", "POST", path, {"spec": {"expirationSeconds": seconds}})
    api.refused(404, "NotFound", "POST", path, {"spec": {"boundObjectRef": {"kind": "Secret", "apiVersion": "v1", "name": "none"}}})
    api.refused(400, "BadRequest", "POST", path, {"spec": {"boundObjectRef": {"kind": "Role", "name": "none"}}})


def test_a_bound_token_goes_with_its_secret(api):
    api.json("POST", NS + "/secrets", {"metadata": {"name": "bound"}})
    spec = {"boundObjectRef": {"kind": "Secret", "apiVersion": "v1", "name": "bound"}}
    token = api.json("POST", NS + "/serviceaccounts/default/token", {"spec": spec})["status"]["token"]
    reviews = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    assert api("POST", reviews, {}, token=token)[0] == 201
    assert api("DELETE", NS + "/secrets/bound")[0] == 200
    api.refused(401, "Unauthorized", "POST", reviews, {}, token=token)


def test_protobuf_passes_over_what_it_does_not_know(api, maps):
    def field(number, body):
        return bytes([number << 3 | 2, len(body)]) + body

    unknown = bytes([9 << 3 | 1]) + struct.pack("<d", 1.5) + field(10, b"more")
    raw = field(1, field(1, b"x")) + unknown
    body = b"k8s\0" + field(1, field(1, b"v1") + field(2, b"ConfigMap")) + field(2, raw)
    made = api.json("POST", MAPS + "?dryRun=All", body, "application/vnd.kubernetes.protobuf")
    assert made["metadata"]["name"] == "x" and "data" not in made


def test_a_watch_ends_with_its_definition(api):
    """kube-apiserver closes the watches of a definition that is deleted, after the last object has gone."""
    crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    schema = {"type": "object", "properties": {"spec": {"type": "object"}}}
    api.json("POST", crds, {"metadata": {"name": "gadgets.watched.example.com"}, "spec": {
        "group": "watched.example.com", "scope": "Namespaced", "names": {"plural": "gadgets", "kind": "Gadget"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}]}})
    gadgets = "/apis/watched.example.com/v1/namespaces/default/gadgets"
    api.json("POST", gadgets, {"apiVersion": "watched.example.com/v1", "kind": "Gadget", "metadata": {"name": "one"}})
    request = urllib.request.Request(api.base + gadgets + "?watch=true", headers={"Authorization": "Bearer " + iam_token("AKIAADMIN")})
    with urllib.request.urlopen(request, context=api.context, timeout=20) as stream:
        assert json.loads(stream.readline())["type"] == "ADDED"
        assert api("DELETE", crds + "/gadgets.watched.example.com")[0] == 200
        events = [json.loads(line)["type"] for line in stream]  # to the end of the stream
    assert events == ["DELETED"]
    api.refused(404, "NotFound", "GET", gadgets)
