"""Uploads by a browser's form: boto3 makes the policy and signs it, this test is the browser.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import datetime
import hashlib
import hmac
import http.client
import json
import urllib.parse
import xml.etree.ElementTree as ET

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from runner.server import Gatehouse

BOUNDARY = "----gatehouse"


class Browser:
    def __init__(self, server):
        self.server = server
        self.host = server.env["endpoint"].removeprefix("http://")

    def client(self, service="s3", key=None, secret=None):
        return boto3.client(service, endpoint_url=self.server.env["endpoint"], region_name="us-east-1",
                            aws_access_key_id=key or self.server.env["accessKeyId"], aws_secret_access_key=secret or self.server.env["secretAccessKey"],
                            config=Config(retries={"max_attempts": 0}, signature_version="s3v4" if service == "s3" else None, s3={"addressing_style": "path"}))

    def send(self, body, bucket="lake", content_type=f"multipart/form-data; boundary={BOUNDARY}", headers=None, host=None):
        connection = http.client.HTTPConnection(self.host, timeout=20)
        path = f"/{bucket}" if bucket else "/"
        connection.request("POST", path, body, {"Content-Type": content_type, **({"Host": host} if host else {}), **(headers or {})})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)

    def post(self, fields, data=b"data", filename="f.txt", content_type=None, after=(), **more):
        return self.send(form(fields, data, filename, content_type, after), **more)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def error(self):
        root = ET.fromstring(self.body)
        return root.findtext("Code"), root.findtext("Message")

    def detail(self, name):
        return ET.fromstring(self.body).findtext(name)


def form(fields, data, filename="f.txt", content_type=None, after=()):
    out = b""
    for name, value in fields.items() if isinstance(fields, dict) else fields:
        out += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    if data is not None:
        out += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'.encode()
        out += f"Content-Type: {content_type}\r\n".encode() if content_type else b""
        out += b"\r\n" + data + b"\r\n"
    for name, value in after:
        out += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    return out + f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture(name="browser", scope="module")
def browser_fixture():
    server = Gatehouse()
    browser = Browser(server)
    browser.client().create_bucket(Bucket="lake")
    yield browser
    server.stop()


@pytest.fixture(name="s3", scope="module")
def s3_fixture(browser):
    return browser.client()


def presigned(s3, key, fields=None, conditions=(), seconds=60):
    fields = dict(fields or {})
    return s3.generate_presigned_post("lake", key, Fields=fields, Conditions=[{k: v} for k, v in fields.items()] + list(conditions), ExpiresIn=seconds)["fields"]


def signed_policy(server, policy, key="k"):
    """A policy of one's own, signed by hand."""
    now = datetime.datetime.utcnow()
    day, date = now.strftime("%Y%m%d"), now.strftime("%Y%m%dT%H%M%SZ")
    encoded = policy if isinstance(policy, str) else base64.b64encode(json.dumps(policy).encode()).decode()
    signing = b"AWS4" + server.env["secretAccessKey"].encode()
    for part in (day, "us-east-1", "s3", "aws4_request"):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    return {"key": key, "policy": encoded, "x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-date": date,
            "x-amz-credential": f"{server.env['accessKeyId']}/{day}/us-east-1/s3/aws4_request",
            "x-amz-signature": hmac.new(signing, encoded.encode(), hashlib.sha256).hexdigest()}


def policy_of(*conditions, seconds=60):
    end = (datetime.datetime.utcnow() + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"expiration": end, "conditions": [["starts-with", "$key", ""], ["starts-with", "$x-amz-algorithm", ""], ["starts-with", "$x-amz-date", ""],
                                              ["starts-with", "$x-amz-credential", ""], *conditions]}


def absent(s3, key):
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket="lake", Key=key)
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_upload(browser, s3):
    answer = browser.post(presigned(s3, "plain"), b"hello")
    assert answer.status == 204 and answer.body == b""
    assert answer.headers["etag"] == '"5d41402abc4b2a76b9719d911017c592"'
    assert answer.headers["location"] == f"http://{browser.host}/lake/plain"
    assert s3.get_object(Bucket="lake", Key="plain")["Body"].read() == b"hello"


def test_large_file_streams(browser, s3):
    data = bytes(range(256)) * 40_000
    assert browser.post(presigned(s3, "large"), data).status == 204
    assert s3.get_object(Bucket="lake", Key="large")["Body"].read() == data


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n--", b"--" + BOUNDARY.encode(), b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n", b"x" * 262_140 + b"\r\n--"])
def test_data_that_look_like_the_end(browser, s3, data):
    assert browser.post(presigned(s3, "odd"), data).status == 204
    assert s3.get_object(Bucket="lake", Key="odd")["Body"].read() == data


def test_status_201_answers_a_document(browser, s3):
    answer = browser.post(presigned(s3, "a b&c", {"success_action_status": "201"}))
    assert answer.status == 201 and answer.headers["content-type"] == "application/xml"
    assert answer.detail("Bucket") == "lake" and answer.detail("Key") == "a b&c"
    assert answer.detail("ETag") == '"8d777f385d3dfec8815d20f7496026dc"' == answer.headers["etag"]
    assert answer.detail("Location") == f"http://{browser.host}/lake/a%20b%26c"


@pytest.mark.parametrize("asked, status", [("200", 200), ("204", 204), ("404", 204), ("", 204)])
def test_other_statuses(browser, s3, asked, status):
    assert browser.post(presigned(s3, "k", {"success_action_status": asked})).status == status


@pytest.mark.parametrize("field", ["success_action_redirect", "redirect"])
def test_redirect(browser, s3, field):
    answer = browser.post(presigned(s3, "dir/k", {field: "https://app.example.com/done?x=1"}))
    assert answer.status == 303
    url = urllib.parse.urlsplit(answer.headers["location"])
    assert url.netloc == "app.example.com" and url.path == "/done"
    assert urllib.parse.parse_qs(url.query) == {"x": ["1"], "bucket": ["lake"], "key": ["dir/k"], "etag": ['"8d777f385d3dfec8815d20f7496026dc"']}


def test_redirect_that_is_no_address_is_passed_over(browser, s3):
    assert browser.post(presigned(s3, "k", {"success_action_redirect": "nowhere"})).status == 204


def test_filename_in_the_key(browser, s3):
    assert browser.post(presigned(s3, "user/${filename}"), b"x", filename="C:\\pictures\\cat.jpg").status == 204
    assert s3.get_object(Bucket="lake", Key="user/cat.jpg")["Body"].read() == b"x"


def test_headers_and_metadata(browser, s3):
    fields = {"Content-Type": "image/jpeg", "Cache-Control": "no-cache", "Content-Disposition": "inline", "x-amz-meta-who": "me", "x-amz-storage-class": "STANDARD_IA"}
    assert browser.post(presigned(s3, "described", fields)).status == 204
    head = s3.head_object(Bucket="lake", Key="described")
    assert (head["ContentType"], head["CacheControl"], head["ContentDisposition"]) == ("image/jpeg", "no-cache", "inline")
    assert head["Metadata"] == {"who": "me"} and head["StorageClass"] == "STANDARD_IA"


def test_tagging_is_a_document(browser, s3):
    tags = "<Tagging><TagSet><Tag><Key>a b</Key><Value>1+2=3</Value></Tag></TagSet></Tagging>"
    assert browser.post(presigned(s3, "tagged", {"tagging": tags})).status == 204
    assert s3.get_object_tagging(Bucket="lake", Key="tagged")["TagSet"] == [{"Key": "a b", "Value": "1+2=3"}]
    answer = browser.post(presigned(s3, "untagged", {"tagging": "a=1"}))
    assert answer.status == 400 and answer.error[0] == "MalformedXML" and absent(s3, "untagged")


def test_encryption(browser, s3):
    answer = browser.post(presigned(s3, "sealed", {"x-amz-server-side-encryption": "AES256"}))
    assert answer.status == 204 and answer.headers["x-amz-server-side-encryption"] == "AES256"


def test_checksum_of_the_file(browser, s3):
    right = base64.b64encode(hashlib.sha256(b"data").digest()).decode()
    assert browser.post(presigned(s3, "sum", {"x-amz-checksum-sha256": right})).status == 204
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    answer = browser.post(presigned(s3, "nosum", {"x-amz-checksum-sha256": wrong}))
    assert answer.status == 400 and answer.error[0] == "BadDigest" and absent(s3, "nosum")


def test_fields_after_the_file_are_passed_over(browser, s3):
    assert browser.post(presigned(s3, "k"), after=[("x-amz-meta-late", "1")]).status == 204
    assert s3.head_object(Bucket="lake", Key="k")["Metadata"] == {}


def test_exact_condition(browser, s3):
    fields = presigned(s3, "k", {"x-amz-meta-who": "me"})
    answer = browser.post({**fields, "x-amz-meta-who": "you"})
    assert answer.status == 403 and answer.error == ("AccessDenied", 'Invalid according to Policy: Policy Condition failed: ["eq", "$x-amz-meta-who", "me"]')
    answer = browser.post({**fields, "key": "elsewhere"})
    assert answer.error == ("AccessDenied", 'Invalid according to Policy: Policy Condition failed: ["eq", "$key", "k"]') and absent(s3, "elsewhere")


def test_starts_with(browser, s3):
    fields = presigned(s3, "user/${filename}", {}, [["starts-with", "$Content-Type", "image/"]])
    assert browser.post({**fields, "Content-Type": "image/png"}).status == 204
    answer = browser.post({**fields, "Content-Type": "text/plain"})
    assert answer.error == ("AccessDenied", 'Invalid according to Policy: Policy Condition failed: ["starts-with", "$Content-Type", "image/"]')
    # A list of types is met where each is.
    assert browser.post({**fields, "Content-Type": "image/png,image/gif"}).status == 204
    assert browser.post({**fields, "Content-Type": "image/png,text/html"}).status == 403
    answer = browser.post({**fields, "key": "else/${filename}", "Content-Type": "image/png"})
    assert answer.error == ("AccessDenied", 'Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "user/"]')


def test_bucket_condition(browser, s3):
    s3.create_bucket(Bucket="pond")
    answer = browser.post(presigned(s3, "k"), bucket="pond")
    assert answer.error == ("AccessDenied", 'Invalid according to Policy: Policy Condition failed: ["eq", "$bucket", "lake"]')
    assert "Contents" not in s3.list_objects_v2(Bucket="pond")


def test_fields_that_no_condition_names(browser, s3):
    answer = browser.post({**presigned(s3, "extra"), "x-amz-meta-more": "1"})
    assert answer.error == ("AccessDenied", "Invalid according to Policy: Extra input fields: x-amz-meta-more") and absent(s3, "extra")
    assert browser.post({**presigned(s3, "ignored"), "x-ignore-more": "1"}).status == 204


def test_content_length_range(browser, s3):
    fields = presigned(s3, "ranged", {}, [["content-length-range", 3, 6]])
    for size in (3, 6):
        assert browser.post(fields, b"x" * size).status == 204
    answer = browser.post({**presigned(s3, "small", {}, [["content-length-range", 3, 6]])}, b"xx")
    assert answer.status == 400 and answer.error[0] == "EntityTooSmall" and absent(s3, "small")
    assert (answer.detail("ProposedSize"), answer.detail("MinSizeAllowed")) == ("2", "3")
    answer = browser.post({**presigned(s3, "big", {}, [["content-length-range", 3, 6]])}, b"x" * 7)
    assert answer.status == 400 and answer.error[0] == "EntityTooLarge" and absent(s3, "big")
    assert answer.detail("MaxSizeAllowed") == "6"


def test_expired_policy(browser, s3):
    answer = browser.post(presigned(s3, "late", seconds=-10))
    assert answer.status == 403 and answer.error == ("AccessDenied", "Invalid according to Policy: Policy expired.") and absent(s3, "late")


@pytest.mark.parametrize("change", ["policy", "x-amz-signature", "x-amz-credential"])
def test_what_was_not_signed(browser, s3, change):
    fields = presigned(s3, "forged")
    if change == "policy":
        fields["policy"] = base64.b64encode(json.dumps(policy_of()).encode()).decode()
    elif change == "x-amz-signature":
        fields[change] = "0" * 64
    else:
        fields[change] = fields[change].replace("us-east-1", "eu-west-1")
    answer = browser.post(fields)
    assert answer.status == 403 and answer.error[0] in ("SignatureDoesNotMatch", "AccessDenied") and absent(s3, "forged")


@pytest.mark.parametrize("data", [b"data", b""])
def test_a_field_makes_no_other_operation_of_it(browser, s3, data):
    """A field named like a header of another operation says nothing: no copy is made, no service but S3 is asked."""
    s3.put_object(Bucket="lake", Key="secret", Body=b"secret")
    named = {"x-amz-copy-source": "lake/secret", "x-amz-account-id": "123456789012", "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    fields = presigned(s3, "not-a-copy", named)
    assert browser.post(fields, data).status == 204
    assert s3.get_object(Bucket="lake", Key="not-a-copy")["Body"].read() == data
    # Without a signature, and to a bucket that has the name of S3 Control's paths.
    for bucket, key in (("lake", "k"), ("v20180820", "configuration/publicAccessBlock"), ("no-such-bucket", "k")):
        assert browser.send(form({"key": key, **named}, data), bucket=bucket).status in (400, 403, 404)
    assert browser.server.alive()


def test_the_parts_own_type_is_not_the_objects(browser, s3):
    """No condition of the policy has allowed it."""
    assert browser.post(presigned(s3, "typed"), content_type="text/html").status == 204
    assert s3.head_object(Bucket="lake", Key="typed")["ContentType"] == "binary/octet-stream"


def test_unknown_key(browser, s3):
    fields = presigned(browser.client(key="AKIAIOSFODNN7EXAMPLE", secret="x"), "k")
    answer = browser.post(fields)
    assert answer.status == 403 and answer.error[0] == "InvalidAccessKeyId"


@pytest.mark.parametrize("missing, named", [("policy", "policy"), ("x-amz-signature", "X-Amz-Signature"), ("x-amz-algorithm", "X-Amz-Algorithm"),
                                            ("x-amz-credential", "X-Amz-Credential"), ("x-amz-date", "X-Amz-Date"), ("key", "key")])
def test_missing_fields(browser, s3, missing, named):
    fields = {k: v for k, v in presigned(s3, "k").items() if k != missing}
    answer = browser.post(fields)
    assert answer.status == 400 and answer.error[0] == "InvalidArgument"
    assert answer.error[1].startswith(f"Bucket POST must contain a field named '{named}'.") and answer.detail("ArgumentName") == named


@pytest.mark.parametrize("policy", ["not base64!", base64.b64encode(b"{").decode(), {"conditions": []}, {"expiration": "2099-01-01T00:00:00Z"},
                                    {"expiration": "soon", "conditions": []}, {"expiration": "2099-01-01T00:00:00Z", "conditions": [{"a": "1", "b": "2"}]},
                                    {"expiration": "2099-01-01T00:00:00Z", "conditions": [["like", "$key", "x"]]},
                                    {"expiration": "2099-01-01T00:00:00Z", "conditions": [["content-length-range", "a", "b"]]},
                                    {"expiration": "2099-01-01T00:00:00Z", "conditions": ["key"]}])
def test_policies_that_are_none(browser, s3, policy):
    answer = browser.post(signed_policy(browser.server, policy, "bad-policy"))
    assert answer.status == 400 and answer.error[0] == "InvalidPolicyDocument" and answer.error[1].startswith("Invalid Policy: ") and absent(s3, "bad-policy")


def test_signature_version_2_is_refused(browser):
    answer = browser.post({"key": "k", "AWSAccessKeyId": "AKIAIOSFODNN7EXAMPLE", "policy": "e30=", "signature": "x"})
    assert answer.status == 400 and answer.error[0] == "InvalidRequest" and "Please use AWS4-HMAC-SHA256" in answer.error[1]


def test_without_a_file(browser, s3):
    answer = browser.post(presigned(s3, "k"), None)
    assert answer.status == 400 and answer.error == ("InvalidArgument", "POST requires exactly one file upload per request.")


def test_broken_forms(browser, s3):
    whole = form(presigned(s3, "broken"), b"data")
    for body in (whole[:-30], b"", b"nonsense", whole.replace(b'; name="key"', b""), whole[2:]):
        answer = browser.send(body)
        assert answer.status == 400 and answer.error[0] in ("MalformedPOSTRequest",), body[:60]
    assert absent(s3, "broken")


def test_too_much_before_the_file(browser, s3):
    answer = browser.post([("x-ignore-long", "x" * 25_000), *presigned(s3, "much").items()])
    assert answer.status == 400 and answer.error[0] == "MaxPostPreDataLengthExceededError" and absent(s3, "much")


def test_another_enclosure(browser, s3):
    assert browser.send(b"key=k", content_type="text/plain").status == 405
    answer = browser.send(form(presigned(s3, "k"), b"data"), content_type="multipart/form-data")
    assert answer.status >= 400


def test_no_such_bucket(browser, s3):
    fields = s3.generate_presigned_post("no-such-lake", "k")["fields"]
    answer = browser.post(fields, bucket="no-such-lake")
    assert answer.status == 404 and answer.error[0] == "NoSuchBucket"


def test_virtual_host(browser, s3):
    port = browser.host.rsplit(":", 1)[1]
    answer = browser.post(presigned(s3, "virtual"), bucket="", host=f"lake.s3.localhost:{port}")
    assert answer.status == 204 and answer.headers["location"] == f"http://lake.s3.localhost:{port}/virtual"
    assert s3.get_object(Bucket="lake", Key="virtual")["Body"].read() == b"data"


def user_of(browser, name, statement):
    iam = browser.client("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    return browser.client(key=key["AccessKeyId"], secret=key["SecretAccessKey"])


def test_the_gate_decides(browser, s3):
    """A signature says who; what that one may is decided as for PutObject.

    https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
    """
    may = user_of(browser, "may", [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::lake/may/*"}])
    assert browser.post(presigned(may, "may/k")).status == 204
    answer = browser.post(presigned(may, "other/k"))
    assert answer.status == 403 and answer.error[0] == "AccessDenied" and "user/may is not authorized to perform: s3:PutObject" in answer.error[1]
    assert absent(s3, "other/k")
    tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"
    answer = browser.post(presigned(may, "may/tagged", {"tagging": tags}))
    assert answer.status == 403 and "s3:PutObjectTagging" in answer.error[1] and absent(s3, "may/tagged")


def test_authentication_type_is_post(browser, s3):
    """https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html"""
    only = user_of(browser, "only-post", [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*", "Condition": {"StringEquals": {"s3:authType": "POST"}}}])
    assert browser.post(presigned(only, "by-form")).status == 204
    with pytest.raises(ClientError):
        only.put_object(Bucket="lake", Key="by-header", Body=b"x")


def test_session_credentials(browser, s3):
    token = browser.client("sts").get_session_token
    iam = browser.client("iam")
    iam.create_user(UserName="session")
    key = iam.create_access_key(UserName="session")["AccessKey"]
    iam.put_user_policy(UserName="session", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}))
    token = browser.client("sts", key["AccessKeyId"], key["SecretAccessKey"]).get_session_token()["Credentials"]
    session = boto3.client("s3", endpoint_url=browser.server.env["endpoint"], region_name="us-east-1", aws_access_key_id=token["AccessKeyId"],
                           aws_secret_access_key=token["SecretAccessKey"], aws_session_token=token["SessionToken"], config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
    fields = presigned(session, "by-session")
    assert "x-amz-security-token" in fields
    assert browser.post(fields).status == 204
    fields["x-amz-security-token"] = fields["x-amz-security-token"][:-4]
    assert browser.post(fields).status in (400, 403)


def test_anonymous(browser, s3):
    """Without a policy nobody signs: allowed where everybody is."""
    answer = browser.post({"key": "anybody"})
    assert answer.status == 403 and answer.error == ("AccessDenied", "Access Denied") and absent(s3, "anybody")
    s3.create_bucket(Bucket="open")
    s3.delete_public_access_block(Bucket="open")
    s3.put_bucket_policy(Bucket="open", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::open/drop/*"}]}))
    assert browser.post({"key": "drop/k"}, bucket="open").status == 204
    assert browser.post({"key": "else/k"}, bucket="open").status == 403
    assert s3.get_object(Bucket="open", Key="drop/k")["Body"].read() == b"data"


def test_cors_headers_on_the_answer(browser, s3):
    s3.put_bucket_cors(Bucket="lake", CORSConfiguration={"CORSRules": [{"AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["POST"]}]})
    answer = browser.post(presigned(s3, "k"), headers={"Origin": "https://app.example.com"})
    assert answer.status == 204 and answer.headers["access-control-allow-origin"] == "https://app.example.com"
    answer = browser.post(presigned(s3, "k", seconds=-1), headers={"Origin": "https://app.example.com"})
    assert answer.status == 403 and answer.headers["access-control-allow-origin"] == "https://app.example.com"
