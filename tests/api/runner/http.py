"""HTTP below the SDK: requests made by hand, signed or not, and bytes that are no request at all."""

import http.client
import socket
import ssl
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest

LIMIT = 30  # seconds


def request(endpoint, method, target, headers, body, sign=None):
    """`sign`: (service, region, credentials), or None. `headers`: pairs, sent as they are."""
    parts = urlsplit(endpoint)
    if sign:
        headers = headers + _signature(endpoint, method, target, headers, body, *sign)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=LIMIT)
    try:
        names = {name.lower() for name, _ in headers}
        connection.putrequest(method, target, skip_host="host" in names, skip_accept_encoding=True)
        if body and not names & {"content-length", "transfer-encoding"}:
            headers = headers + [("Content-Length", str(len(body)))]
        for name, value in headers:
            connection.putheader(name, value)
        try:
            connection.endheaders(body or None)
        except OSError:
            pass  # refused before it was all sent; the answer is there
        return _answer(connection.getresponse())
    except (http.client.HTTPException, OSError):
        return {"status": 0, "headers": {}, "body": ""}
    finally:
        connection.close()


def _signature(endpoint, method, target, headers, body, service, region, credentials):
    given = {name.lower(): value for name, value in headers}
    declared = given.get("x-amz-content-sha256")

    class Signer(S3SigV4Auth if service == "s3" else SigV4Auth):
        def payload(self, request):  # what the script declares is signed, true or not
            return declared or super().payload(request)

    made = AWSRequest(method, endpoint + target, dict(headers), body)
    Signer(credentials, service, region).add_auth(made)
    return [(name, value) for name, value in made.headers.items() if name.lower() not in given]


def exchange(endpoint, data):
    """Sends bytes and reads until the server closes or has answered once."""
    parts = urlsplit(endpoint)
    with socket.create_connection((parts.hostname, parts.port), LIMIT) as raw:
        connection = ssl._create_unverified_context().wrap_socket(raw) if parts.scheme == "https" else raw
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it may close before it has read all; what it says is still read
        response = http.client.HTTPResponse(connection)
        try:
            response.begin()
            return _answer(response)
        except (http.client.HTTPException, OSError):
            return {"status": 0, "headers": {}, "body": ""}


def _answer(response):
    headers = {name.lower(): value for name, value in response.getheaders()}
    return {"status": response.status, "headers": headers,
            "body": response.read().decode("utf-8", "backslashreplace")}
