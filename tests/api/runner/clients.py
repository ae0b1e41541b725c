"""botocore clients for whoever the script is at the moment, and their answers as plain data."""

import base64

from urllib.parse import urlsplit, urlunsplit

import botocore.session
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError, ParamValidationError
from botocore.handlers import validate_bucket_name
from botocore.signers import RequestSigner

from .convert import parameters
from .script import ScriptError

# One session: its loader keeps the service models, which take longer to read than the calls.
_session = botocore.session.Session()
_session.set_config_variable("profile", None)


def cluster_token(cluster, credentials, region, host=None):
    client = _session.create_client("sts", region_name=region, aws_access_key_id="x", aws_secret_access_key="x")
    signer = RequestSigner(client.meta.service_model.service_id, region, "sts", "v4", credentials,
                           _session.get_component("event_emitter"))
    url = signer.generate_presigned_url(
        {"method": "GET", "body": {}, "headers": {"x-k8s-aws-id": cluster}, "context": {},
         "url": f"https://{host or f'sts.{region}.amazonaws.com'}/?Action=GetCallerIdentity&Version=2011-06-15"},
        region_name=region, expires_in=60, operation_name="")
    return bearer_of(url)


def bearer_of(url):
    return "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


class Clients:
    def __init__(self, endpoint, folder):
        self.endpoint = endpoint
        self.folder = folder
        self.made = {}

    def call(self, service, operation, words, credentials, region, strict):
        client = self._client(service, credentials, region, strict)
        model = client.meta.service_model
        if operation not in model.operation_names:
            raise ScriptError(f"{service} has no operation {operation}")
        shape = model.operation_model(operation).input_shape
        typed = parameters(shape, words, self.folder, strict)
        try:
            return answer_of(client._make_api_call(operation, typed))
        except ClientError as error:
            return answer_of(error.response)
        except ParamValidationError as error:
            raise ScriptError(f"{error}\n(`call!` sends it all the same)") from None

    def presign(self, service, operation, words, credentials, region):
        client = self._client(service, credentials, region, True)
        shape = client.meta.service_model.operation_model(operation).input_shape
        return client.generate_presigned_url(xform_name(operation), parameters(shape, words, self.folder, True), 60)

    def cluster_token(self, cluster, credentials, region):
        """What `aws eks get-token` prints: a presigned GetCallerIdentity that names the cluster."""
        if not credentials:
            return ""
        return cluster_token(cluster, Credentials(*credentials), region)

    def _client(self, service, credentials, region, strict):
        key = (service, credentials, region, strict)
        if key not in self.made:
            self.made[key] = self._make(service, credentials, region, strict)
        return self.made[key]

    def _make(self, service, credentials, region, strict):
        # botocore still presigns for S3 with version 2 where it may.
        signature = ("s3v4" if service == "s3" else None) if credentials else UNSIGNED
        config = Config(parameter_validation=strict, retries={"max_attempts": 0}, read_timeout=60,
                        signature_version=signature,
                        s3={"addressing_style": "path"} if self.endpoint else {})
        access, secret, token = credentials or (None, None, None)
        named = service == "s3control" and self.endpoint
        client = _session.create_client(service, region_name=region, config=config,
                                        endpoint_url=None if named else self.endpoint,
                                        aws_access_key_id=access, aws_secret_access_key=secret,
                                        aws_session_token=token)
        if service == "s3" and not strict:
            client.meta.events.unregister("before-parameter-build.s3", validate_bucket_name)
        if named:
            client.meta.events.register("before-send.s3-control", self._to_server)
        return client

    def _to_server(self, request, **_):
        """S3 Control puts the account before the host's name, which then leads nowhere: it stays the Host alone."""
        asked = urlsplit(request.url)
        request.headers["Host"] = asked.netloc
        request.url = urlunsplit(urlsplit(self.endpoint)[:2] + asked[2:])


def answer_of(response):
    """status, code and message of an error, headers, and `data`: the parsed answer with streams read."""
    meta = response.get("ResponseMetadata", {})
    error = response.get("Error", {})
    data = {name: _plain(value) for name, value in response.items() if name != "ResponseMetadata"}
    status = meta.get("HTTPStatusCode", 0)
    return {"status": status, "code": error.get("Code", "") if status >= 300 else "",
            "message": error.get("Message", ""), "headers": meta.get("HTTPHeaders", {}), "data": data}


def _plain(value):
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")  # as bytes go back
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
