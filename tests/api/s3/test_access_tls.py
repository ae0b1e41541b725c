"""s3:TlsVersion and aws:SecureTransport: what a bucket's policy can ask of the connection.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html#example-object-tls-version
"""

import http.client
import json
import ssl
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from runner.server import Gatehouse


@pytest.fixture(scope="module", name="server")
def server_fixture():
    server = Gatehouse()
    yield server
    server.stop()


@pytest.fixture(scope="module", name="s3")
def s3_fixture(server):
    s3 = boto3.client("s3", endpoint_url=server.env["endpoint"], region_name="us-east-1",
                      aws_access_key_id=server.env["accessKeyId"], aws_secret_access_key=server.env["secretAccessKey"],
                      config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
    s3.create_bucket(Bucket="lake")
    s3.put_object(Bucket="lake", Key="k", Body=b"x")
    return s3


def get(server, s3, version):
    """A presigned GET; `version` is the newest TLS the client speaks, None without TLS."""
    url = urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": "lake", "Key": "k"}))
    if version is None:
        connection = http.client.HTTPConnection(url.hostname, url.port)
    else:
        context = ssl.create_default_context(cafile=server.env["caBundle"])
        context.maximum_version = version
        connection = http.client.HTTPSConnection(url.hostname, url.port, context=context)
    connection.request("GET", f"{url.path}?{url.query}")
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def put_policy(s3, *statements):
    s3.put_bucket_policy(Bucket="lake", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/*",
         "Condition": condition} for condition in statements]}))


def test_a_version_is_demanded(server, s3):
    put_policy(s3, {"NumericLessThan": {"s3:TlsVersion": "1.3"}})
    assert get(server, s3, ssl.TLSVersion.TLSv1_3)[0] == 200
    status, body = get(server, s3, ssl.TLSVersion.TLSv1_2)
    assert status == 403 and "with an explicit deny in a resource-based policy" in body
    # Without TLS there is no version to compare: this Deny alone lets plain HTTP through.
    assert get(server, s3, None)[0] == 200


def test_any_tls_is_demanded(server, s3):
    put_policy(s3, {"Bool": {"aws:SecureTransport": "false"}}, {"NumericLessThan": {"s3:TlsVersion": "1.2"}})
    assert get(server, s3, ssl.TLSVersion.TLSv1_2)[0] == 200
    assert get(server, s3, ssl.TLSVersion.TLSv1_3)[0] == 200
    assert get(server, s3, None)[0] == 403


def test_a_version_that_must_be_there(server, s3):
    put_policy(s3, {"NumericLessThanIfExists": {"s3:TlsVersion": "1.2"}})
    assert get(server, s3, None)[0] == 403
    assert get(server, s3, ssl.TLSVersion.TLSv1_2)[0] == 200
