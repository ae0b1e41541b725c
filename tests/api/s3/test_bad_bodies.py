"""Bodies that are cut off, or whose chunks are not what was signed: S3's code, and nothing kept.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

import base64
import datetime
import hashlib
import hmac
import re
import socket
import zlib

import pytest
from runner.clock import s3_of
from runner.server import Gatehouse

EMPTY = hashlib.sha256(b"").hexdigest()


class Uploader:
    """A PutObject by hand: headers, signatures and bytes as the test wants them."""

    def __init__(self, server):
        self.env = server.env
        self.host = self.env["endpoint"].removeprefix("http://")
        self.now = datetime.datetime.utcnow()
        self.day, self.date = self.now.strftime("%Y%m%d"), self.now.strftime("%Y%m%dT%H%M%SZ")
        self.scope = f"{self.day}/us-east-1/s3/aws4_request"
        key = b"AWS4" + self.env["secretAccessKey"].encode()
        for part in (self.day, "us-east-1", "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        self.key = key

    def sign(self, text):
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()

    def head(self, key, payload, headers, length):
        signed = {"host": self.host, "x-amz-content-sha256": payload, "x-amz-date": self.date, **headers}
        names = ";".join(sorted(signed))
        canonical = f"PUT\n/lake/{key}\n\n" + "".join(f"{n}:{signed[n]}\n" for n in sorted(signed)) + f"\n{names}\n{payload}"
        text = f"AWS4-HMAC-SHA256\n{self.date}\n{self.scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        self.seed = self.sign(text)
        lines = [f"PUT /lake/{key} HTTP/1.1", *(f"{n}: {v}" for n, v in signed.items()),
                 f"Authorization: AWS4-HMAC-SHA256 Credential={self.env['accessKeyId']}/{self.scope}, SignedHeaders={names}, Signature={self.seed}",
                 f"Content-Length: {length}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def chunk(self, data, previous, wrong=False):
        text = f"AWS4-HMAC-SHA256-PAYLOAD\n{self.date}\n{self.scope}\n{previous}\n{EMPTY}\n{hashlib.sha256(data).hexdigest()}"
        signature = "0" * 64 if wrong else self.sign(text)
        return f"{len(data):x};chunk-signature={signature}\r\n".encode() + data + b"\r\n", signature

    def send(self, head, body, close=False):
        address, port = self.host.rsplit(":", 1)
        with socket.create_connection((address, int(port)), timeout=20) as connection:
            connection.sendall(head + body)
            if close:
                connection.shutdown(socket.SHUT_WR)
            answer = b""
            while b"\r\n\r\n" not in answer:
                piece = connection.recv(65536)
                if not piece:
                    return 0, ""
                answer += piece
            head, _, rest = answer.partition(b"\r\n\r\n")
            length = int((re.search(rb"(?i)content-length: (\d+)", head) or [b"", b"0"])[1])
            while len(rest) < length:
                rest += connection.recv(65536)
        return int(answer.split(b" ", 2)[1]), rest.decode()

    def chunked(self, key, chunks, headers=None, wrong=None, length=None, cut=0):
        decoded = sum(map(len, chunks)) if length is None else length
        more = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": str(decoded), **(headers or {})}
        sizes = sum(len(f"{len(c):x};chunk-signature=") + 64 + 2 + len(c) + 2 for c in chunks)
        head = self.head(key, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", more, sizes)
        body, previous = b"", self.seed
        for n, data in enumerate(chunks):
            framed, previous = self.chunk(data, previous, wrong == n)
            body += framed
        return self.send(head, body[: len(body) - cut], close=cut > 0)

    def trailing(self, key, data, trailer, announced="x-amz-checksum-crc32"):
        body = f"{len(data):x}\r\n".encode() + data + b"\r\n0\r\n" + trailer + b"\r\n"
        more = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": str(len(data)), "x-amz-trailer": announced}
        return self.send(self.head(key, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", more, len(body)), body)


@pytest.fixture(name="server", scope="module")
def server_fixture():
    server = Gatehouse()
    s3_of(server).create_bucket(Bucket="lake")
    yield server
    server.stop()


@pytest.fixture(name="s3")
def s3_fixture(server):
    return s3_of(server)


@pytest.fixture(name="uploader")
def uploader_fixture(server):
    return Uploader(server)


def test_expect_continue(uploader, s3):
    """Told to go on, with an empty body too; who is refused is not, and the connection ends. RFC 9110 section 10.1.1"""
    address, port = uploader.host.rsplit(":", 1)
    with socket.create_connection((address, int(port)), timeout=20) as connection:
        for body in (b"", b"data"):
            head = uploader.head("expected", hashlib.sha256(body).hexdigest(), {"expect": "100-continue"}, len(body))
            connection.sendall(head)
            assert connection.recv(65536).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(body)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
        connection.sendall(b"PUT /lake/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5368709120\r\n\r\n")
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n") and b"connection: close" in answer.lower()
    assert s3.get_object(Bucket="lake", Key="expected")["Body"].read() == b"data"


def keys(s3):
    return [o["Key"] for o in s3.list_objects_v2(Bucket="lake").get("Contents", [])]


def test_signed_chunks(uploader, s3):
    assert uploader.chunked("good", [b"x" * 65536, b"tail", b""])[0] == 200
    assert s3.get_object(Bucket="lake", Key="good")["Body"].read() == b"x" * 65536 + b"tail"


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_a_chunk_that_was_not_signed(uploader, s3, wrong):
    status, body = uploader.chunked("forged", [b"x" * 65536, b"tail", b""], wrong=wrong)
    assert status == 403 and "<Code>SignatureDoesNotMatch</Code>" in body and "forged" not in keys(s3)


def test_without_the_last_chunk(uploader, s3):
    status, body = uploader.chunked("short", [b"x" * 65536])
    assert status == 400 and "<Code>IncompleteBody</Code>" in body and "short" not in keys(s3)


@pytest.mark.parametrize("length", [3, 5])
def test_another_length_than_announced(uploader, s3, length):
    status, body = uploader.chunked("length", [b"data", b""], length=length)
    assert status == 400 and "<Code>IncompleteBody</Code>" in body and "length" not in keys(s3)


def test_cut_off(uploader, s3):
    """The connection ends before the body does: nobody is there to be told, and nothing is kept."""
    payload = hashlib.sha256(b"data").hexdigest()
    assert uploader.send(uploader.head("cut", payload, {}, 4), b"da", close=True)[0] in (0, 400)
    assert uploader.chunked("cut", [b"x" * 65536, b""], cut=100)[0] in (0, 400)
    assert "cut" not in keys(s3)


def test_cut_off_large(uploader, s3, server):
    """What lay on disk by then is collected: no blob stays behind."""
    data = b"x" * 2_000_000
    assert uploader.send(uploader.head("cutlarge", hashlib.sha256(data).hexdigest(), {}, len(data)), data[:-1], close=True)[0] in (0, 400)
    assert "cutlarge" not in keys(s3)


def test_other_bytes_than_signed(uploader, s3):
    status, body = uploader.send(uploader.head("other", hashlib.sha256(b"data").hexdigest(), {}, 4), b"atad")
    assert status == 400 and "<Code>XAmzContentSHA256Mismatch</Code>" in body and "other" not in keys(s3)


def test_trailing_checksum(uploader, s3):
    right = base64.b64encode(zlib.crc32(b"data").to_bytes(4, "big"))
    assert uploader.trailing("trailer", b"data", b"x-amz-checksum-crc32:" + right + b"\r\n")[0] == 200
    assert s3.head_object(Bucket="lake", Key="trailer", ChecksumMode="ENABLED")["ChecksumCRC32"] == right.decode()


@pytest.mark.parametrize("trailer, code", [
    (b"x-amz-checksum-crc32:AAAAAA==\r\n", "BadDigest"), (b"", "MalformedTrailerError"), (b"x-amz-checksum-sha1:AAAA\r\n", "MalformedTrailerError"),
    (b"x-amz-checksum-crc32:nonsense\r\n", "InvalidRequest")])
def test_wrong_trailers(uploader, s3, trailer, code):
    status, body = uploader.trailing("badtrailer", b"data", trailer)
    assert status == 400 and f"<Code>{code}</Code>" in body and "badtrailer" not in keys(s3)


@pytest.mark.parametrize("framing", [b"zz\r\ndata\r\n0\r\n\r\n", b"4\r\ndataX\r\n0\r\n\r\n", b"ffffffffffffffff\r\ndata\r\n", b"-4\r\ndata\r\n0\r\n\r\n"])
def test_framing_that_is_none(uploader, s3, framing):
    more = {"content-encoding": "aws-chunked", "x-amz-decoded-content-length": "4", "x-amz-trailer": "x-amz-checksum-crc32"}
    status, _ = uploader.send(uploader.head("framed", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", more, len(framing)), framing, close=True)
    assert status in (0, 400) and "framed" not in keys(s3)
