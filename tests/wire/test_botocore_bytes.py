"""Every operation that botocore knows, with random parameters and answers: the codec reads the bytes that botocore
sends, and botocore reads the bytes that the codec answers. Nothing leaves the process; before-send answers."""

import base64
import datetime
import io
import json
import random
from urllib.parse import quote, urlsplit

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from echo import Echo

SERVICES = ["ec2", "eks", "iam", "s3", "sts"]

# Told apart by host, not by bytes; or streams of events.
NOT_HERE = {"ListDirectoryBuckets", "SelectObjectContent", "WriteGetObjectResponse"}

# What botocore itself makes of a member before it is sent, or of an answer before it is given.
MADE_BY_BOTOCORE = {
    "SSECustomerKey", "SSECustomerKeyMD5", "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5", "PresignedUrl",
    "UserData", "ContentMD5", "DestinationRegion", "ContentEncoding",
    "ContentLength", "RequestRoute", "Expires",
}


class Maker:
    """Random values by botocore's own shapes."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, shape, alphabet):
        if shape.enum:
            return self.random.choice(shape.enum)
        low = max(1, shape.metadata.get("min", 1))
        # A letter first, so that none is JSON: botocore decodes policies.
        return "t" + "".join(self.random.choice(alphabet) for _ in range(low + self.random.randrange(8)))

    def make(self, shape, depth=0, location=None, path=()):
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape, depth, path)
        if kind == "list":
            # Two at most; none where recursion would not end.
            count = self.random.randint(1, 2) if depth < 6 else 0
            return [self.make(shape.member, depth + 1, location, path) for _ in range(count)]
        if kind == "map":
            # Metadata's names travel as header names.
            keys = "abcdef" if location == "headers" else "abcDEF -_<&"
            return {self.text(shape.key, keys).strip() or "k": self.make(shape.value, depth + 1, location)
                    for _ in range(self.random.randint(1, 2))}
        if kind in ("integer", "long"):
            low = max(1, shape.metadata.get("min", 1))
            return self.random.randint(low, low + 1000)
        if kind in ("float", "double"):
            return self.random.randint(0, 100) + 0.5
        if kind == "boolean":
            return self.random.random() < 0.5
        if kind == "timestamp":
            when = self.random.randint(0, 4_000_000_000)
            return datetime.datetime.fromtimestamp(when, datetime.timezone.utc)
        if kind == "blob":
            return bytes(self.random.randrange(256) for _ in range(self.random.randint(1, 20)))
        if location == "headers":
            return self.text(shape, "abcXYZ019/=+-;")
        if location == "uri":
            return self.text(shape, "abcXYZ019-_. /:+&é").strip("/ .") or "x"
        return self.text(shape, "abc XYZ019<>&\"'/=+%.,é€😀\n").strip() or "x"

    def structure(self, shape, depth, path):
        out = {}
        union = getattr(shape, "is_tagged_union", False)
        members = list(shape.members.items())
        if union:
            members = [self.random.choice(members)]
        for name, member in members:
            if getattr(member, "is_document_type", False) or name in MADE_BY_BOTOCORE or name in path:
                continue
            # An answer without its payload is an error to botocore, as S3's 200 with an error inside is; and it
            # looks for the keys of what was listed.
            required = union or name in shape.required_members or name in (shape.serialization.get("payload"), "Key", "Prefix")
            if not required and (depth > 5 or self.random.random() < 0.4):
                continue
            location = {"header": "headers"}.get(member.serialization.get("location"), member.serialization.get("location"))
            out[name] = self.make(member, depth + 1, location, path + (name,))
        if "SourceRegion" in out:
            out["SourceRegion"] = "us-west-2"  # botocore makes a host name of it
        if "ChecksumAlgorithm" in out and isinstance(out["ChecksumAlgorithm"], str):
            out["ChecksumAlgorithm"] = "SHA256"  # which botocore can compute
        if "CopySource" in out:
            out["CopySource"] = "source-bucket/a/key"
        if "Bucket" in out and depth == 0:
            out["Bucket"] = "bucket-" + str(self.random.randint(1, 99))
        return out


def plain(value):
    """A tree as wire_echo writes it; what is empty is absent."""
    if isinstance(value, dict):
        out = {k: plain(v) for k, v in value.items() if v is not None}
        return {k: v for k, v in out.items() if v not in ({}, [])}
    if isinstance(value, (list, tuple)):
        return [v for v in map(plain, value) if v not in ({}, [])]
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return {"$time": value.timestamp()}
    return value


def lacking(given, got, path=""):
    """What of `given` is not in `got`; botocore adds members (tokens, checksums), so more is well."""
    if isinstance(given, dict) and isinstance(got, dict):
        return [line for k, v in given.items() for line in lacking(v, got.get(k), f"{path}.{k}")]
    if isinstance(given, list) and isinstance(got, list) and len(given) == len(got):
        return [line for i, v in enumerate(given) for line in lacking(v, got[i], f"{path}[{i}]")]
    # Some members became text since (S3's PartNumberMarker).
    if given == got or (isinstance(given, int) and str(given) == got):
        return []
    return [f"{path}: {given!r} became {got!r}"]


class Wire:
    """A botocore client whose requests go to wire_echo and whose answers come from there."""

    def __init__(self, echo, service):
        self.echo, self.service = echo, service
        session = botocore.session.Session()
        session.set_credentials("AKIDEXAMPLE", "secret")
        self.client = session.create_client(
            service, region_name="us-east-1", endpoint_url="http://127.0.0.1:9",
            config=Config(retries={"max_attempts": 0, "mode": "standard"}, s3={"addressing_style": "path"},
                          parameter_validation=False),
        )
        self.client.meta.events.register("before-send.*", self.exchange)
        self.seen = self.job = None
        self.lacking_required = set()

    def exchange(self, request, **_):
        url = urlsplit(request.url)
        body = request.body or b""
        body = body.read() if hasattr(body, "read") else body
        body = body.encode() if isinstance(body, str) else bytes(body)
        headers = [(k, v.decode() if isinstance(v, bytes) else v) for k, v in request.headers.items()]
        target = url.path + ("?" + url.query if url.query else "")
        self.seen = self.echo.read(self.service, request.method, target, headers, body)
        answer = self.echo.ask(**self.job)
        assert "error" not in answer, answer
        raw = io.BytesIO(base64.b64decode(answer["body"]))
        raw.stream = lambda amt=1024, **_: iter([raw.read()])
        raw.headers = dict(answer["headers"])
        return AWSResponse(request.url, answer["status"], dict(answer["headers"]), raw)

    def call(self, operation, parameters, job):
        self.seen, self.job = None, dict(job, service=self.service, operation=operation)
        return self.client._make_api_call(operation, parameters)


@pytest.fixture(scope="module")
def echo():
    echo = Echo()
    yield echo
    echo.close()


@pytest.fixture(scope="module", params=SERVICES)
def wire(request, echo):
    return Wire(echo, request.param)


def operations(wire):
    model = wire.client.meta.service_model
    return [model.operation_model(name) for name in model.operation_names if name not in NOT_HERE]


def known(wire, operation):
    """botocore of Debian 12 still has operations that AWS has since removed from its models."""
    answer = wire.echo.ask(do="fail", service=wire.service, operation=operation.name, code="X", message="", status=400)
    return answer.get("error", {}).get("code") != "NoSuchOperation"


STOP = {"do": "fail", "code": "Stop", "message": "a <b> & \"c\"", "status": 409}


def request_faults(wire, operation, seed):
    given = Maker(seed).make(operation.input_shape) if operation.input_shape else {}
    with pytest.raises(ClientError) as stopped:
        wire.call(operation.name, dict(given), STOP)
    if "error" in wire.seen:
        return [f"{operation.name}: {wire.seen['error']}"]
    if wire.seen["operation"] != operation.name:
        return [f"{operation.name} was taken for {wire.seen['operation']}"]
    if not operation.http["method"] == "HEAD" and stopped.value.response["Error"]["Code"] != "Stop":
        return [f"{operation.name}: the error became {stopped.value.response['Error']}"]
    if wire.seen["missing"]:
        wire.lacking_required.add(operation.name)
    # A body that streams is the caller's to read.
    payload = operation.input_shape.serialization.get("payload") if operation.has_streaming_input else None
    expected = {k: v for k, v in plain(given).items() if k != payload}
    return [operation.name + line for line in lacking(expected, plain(wire.seen["input"]))]


def answer_faults(wire, operation, seed):
    if operation.output_shape is None:
        return []
    payload = operation.output_shape.serialization.get("payload") if operation.has_streaming_output else None
    made = Maker(seed).make(operation.output_shape)
    given = {k: v for k, v in plain(made).items() if k not in (payload, "Output", "EncodingType")}
    parameters = Maker(seed).make(operation.input_shape) if operation.input_shape else {}
    got = wire.call(operation.name, parameters, {"do": "write", "output": given})
    assert got["ResponseMetadata"]["RequestId"] == "request-1"
    return [operation.name + line for line in lacking(given, plain(got))]


@pytest.mark.parametrize("faults", [request_faults, answer_faults])
def test_every_operation(wire, faults):
    bad, gone = [], []
    for n, operation in enumerate(operations(wire)):
        if not known(wire, operation):
            gone.append(operation.name)
            continue
        for seed in range(2):
            bad += faults(wire, operation, n * 10 + seed)
    # AWS removes operations and adds required members; few, or the tables are wrong.
    assert len(gone) <= 20, gone
    assert len(wire.lacking_required) <= 20, wire.lacking_required
    assert not bad, str(len(bad)) + "\n" + "\n".join(bad[:20])


def test_errors_reach_the_caller_whole(wire):
    operation = {"ec2": "DescribeVpcs", "eks": "ListClusters", "iam": "ListRoles", "s3": "ListBuckets",
                 "sts": "GetCallerIdentity"}[wire.service]
    with pytest.raises(ClientError) as error:
        wire.call(operation, {}, STOP)
    response = error.value.response
    assert response["Error"]["Code"] == "Stop"
    assert response["Error"]["Message"] == STOP["message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert response["ResponseMetadata"]["RequestId"] == "request-1"
