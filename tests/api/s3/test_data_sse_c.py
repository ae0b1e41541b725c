"""Objects under the customer's own key (SSE-C), over TLS, which S3 demands.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
"""

import base64
import hashlib
import os

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from runner.server import Gatehouse

KEY = bytes(range(32))
OTHER = bytes(32)


def b64(data):
    return base64.b64encode(data).decode()


def headers(key=KEY, prefix=""):
    return {f"{prefix}SSECustomerAlgorithm": "AES256", f"{prefix}SSECustomerKey": b64(key),
            f"{prefix}SSECustomerKeyMD5": b64(hashlib.md5(key).digest())}


@pytest.fixture(scope="module", name="server")
def server_fixture():
    server = Gatehouse()
    yield server
    server.stop()


def client(server, endpoint):
    return boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", verify=server.env["caBundle"],
                        aws_access_key_id=server.env["accessKeyId"], aws_secret_access_key=server.env["secretAccessKey"],
                        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}))


def signed(server, method, path, body=b"", more=None):
    """A request that the SDK of this machine is too old to make."""
    request = AWSRequest(method=method, url=secure(server) + path, data=body, headers=more or {})
    S3SigV4Auth(Credentials(server.env["accessKeyId"], server.env["secretAccessKey"]), "s3", "us-east-1").add_auth(request)
    return URLLib3Session(verify=server.env["caBundle"]).send(request.prepare())


def secure(server):
    return server.env["endpoint"].replace("http://", "https://")


@pytest.fixture(scope="module", name="s3")
def s3_fixture(server):
    s3 = client(server, secure(server))
    s3.create_bucket(Bucket="lake")
    return s3


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


CONFIGURATION = ('<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule><ApplyServerSideEncryptionByDefault>'
                 '<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BlockedEncryptionTypes><EncryptionType>{}</EncryptionType>'
                 '</BlockedEncryptionTypes></Rule></ServerSideEncryptionConfiguration>')


def test_is_blocked_until_it_is_asked_for(server, s3):
    assert refused(s3.put_object, Bucket="lake", Key="k", Body=b"x", **headers())[:2] == (403, "AccessDenied")
    assert b"<EncryptionType>SSE-C</EncryptionType>" in signed(server, "GET", "/lake?encryption").content
    assert signed(server, "PUT", "/lake?encryption", CONFIGURATION.format("ROT13").encode()).status_code == 400
    assert signed(server, "PUT", "/lake?encryption", CONFIGURATION.format("NONE").encode()).status_code == 200
    assert b"BlockedEncryptionTypes" not in signed(server, "GET", "/lake?encryption").content


def test_needs_its_key_for_everything_that_reads(s3):
    data = os.urandom(200_000)
    put = s3.put_object(Bucket="lake", Key="k", Body=data, **headers())
    assert put["SSECustomerAlgorithm"] == "AES256"
    assert put["SSECustomerKeyMD5"] == b64(hashlib.md5(KEY).digest())
    assert "ServerSideEncryption" not in put
    assert put["ETag"].strip('"') != hashlib.md5(data).hexdigest()
    got = s3.get_object(Bucket="lake", Key="k", **headers())
    assert got["Body"].read() == data
    assert got["SSECustomerAlgorithm"] == "AES256"
    part = s3.get_object(Bucket="lake", Key="k", Range="bytes=65530-65545", **headers())
    assert part["Body"].read() == data[65530:65546]
    assert s3.head_object(Bucket="lake", Key="k", **headers())["ContentLength"] == len(data)
    assert s3.get_object_attributes(Bucket="lake", Key="k", ObjectAttributes=["ObjectSize"], **headers())["ObjectSize"] == len(data)

    stored = ("The object was stored using a form of Server Side Encryption. The correct parameters must be provided to "
              "retrieve the object.")
    assert refused(s3.get_object, Bucket="lake", Key="k") == (400, "InvalidRequest", stored)
    assert refused(s3.head_object, Bucket="lake", Key="k")[0] == 400
    assert refused(s3.get_object_attributes, Bucket="lake", Key="k", ObjectAttributes=["ETag"])[:2] == (400, "InvalidRequest")
    assert refused(s3.get_object, Bucket="lake", Key="k", **headers(OTHER))[:2] == (403, "AccessDenied")
    assert refused(s3.head_object, Bucket="lake", Key="k", **headers(OTHER))[0] == 403


def test_is_not_for_objects_that_have_none(s3):
    s3.put_object(Bucket="lake", Key="plain", Body=b"x")
    assert refused(s3.get_object, Bucket="lake", Key="plain", **headers()) == (
        400, "InvalidRequest", "The encryption parameters are not applicable to this object.")


def test_copies_with_either_key(s3):
    s3.put_object(Bucket="lake", Key="from", Body=b"data", **headers())
    source = {"Bucket": "lake", "Key": "from"}
    own = headers(prefix="CopySource")
    assert refused(s3.copy_object, Bucket="lake", Key="to", CopySource=source)[:2] == (400, "InvalidRequest")
    assert "ServerSideEncryption" in s3.copy_object(Bucket="lake", Key="to", CopySource=source, **own)
    assert s3.get_object(Bucket="lake", Key="to")["Body"].read() == b"data"
    s3.copy_object(Bucket="lake", Key="again", CopySource=source, **own, **headers(OTHER))
    assert s3.get_object(Bucket="lake", Key="again", **headers(OTHER))["Body"].read() == b"data"


def test_multipart_parts_carry_the_key(s3):
    upload = s3.create_multipart_upload(Bucket="lake", Key="parts", **headers())
    assert upload["SSECustomerAlgorithm"] == "AES256"
    of = {"Bucket": "lake", "Key": "parts", "UploadId": upload["UploadId"]}
    assert refused(s3.upload_part, PartNumber=1, Body=b"x", **of)[:2] == (400, "InvalidRequest")
    assert refused(s3.upload_part, PartNumber=1, Body=b"x", **of, **headers(OTHER))[1] == "AccessDenied"
    parts = []
    for number, body in ((1, b"a" * (5 << 20)), (2, b"tail")):
        answer = s3.upload_part(PartNumber=number, Body=body, **of, **headers())
        assert answer["SSECustomerAlgorithm"] == "AES256"
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **of)
    assert s3.get_object(Bucket="lake", Key="parts", Range="bytes=5242878-", **headers())["Body"].read() == b"aatail"
    assert s3.get_object(Bucket="lake", Key="parts", PartNumber=2, **headers())["Body"].read() == b"tail"


@pytest.mark.parametrize("change,code,words", [
    ({"SSECustomerAlgorithm": "DES"}, "InvalidEncryptionAlgorithmError", "The Encryption request you specified is not valid. Supported value: AES256."),
    ({"SSECustomerKeyMD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, "InvalidArgument", "The calculated MD5 hash of the key did not match the hash that was provided."),
    (headers(b"short"), "InvalidArgument", "The secret key was invalid for the specified algorithm."),
    ({"ServerSideEncryption": "AES256"}, "InvalidArgument", "incompatible with the encryption method specified"),
])
def test_refuses_what_is_no_key(s3, change, code, words):
    got = refused(s3.put_object, Bucket="lake", Key="bad", Body=b"x", **{**headers(), **change})
    assert got[:2] == (400, code)
    assert words in got[2]
    assert refused(s3.head_object, Bucket="lake", Key="bad")[0] == 404


def test_demands_tls(server):
    plain = client(server, server.env["endpoint"])
    assert refused(plain.put_object, Bucket="lake", Key="bad", Body=b"x", **headers()) == (
        400, "InvalidRequest", "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.")
