"""S3 through VPC endpoints: what a bucket policy and an endpoint's own policy make of it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

import json
import signal
import subprocess
import urllib.error
import urllib.request

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from runner.server import Gatehouse, binary

PATHS = Config(s3={"addressing_style": "path"})


class Account:
    def __init__(self):
        self.server = Gatehouse()
        env = self.server.env
        self.session = boto3.Session(env["accessKeyId"], env["secretAccessKey"], region_name="us-east-1")
        self.endpoint = env["endpoint"]
        self.account = env["account"]
        self.s3 = self.client("s3")
        self.ec2 = self.client("ec2")
        self.vpc = self.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]

    def client(self, service, url=None, session=None, proxy=None):
        config = PATHS.merge(Config(proxies={"https": proxy})) if proxy else PATHS
        verify = self.server.env.get("caBundle") if proxy else None
        return (session or self.session).client(service, endpoint_url=url or self.endpoint, config=config, verify=verify)

    def gateway(self, **more):
        made = self.ec2.create_vpc_endpoint(VpcId=self.vpc, ServiceName="com.amazonaws.us-east-1.s3", **more)["VpcEndpoint"]
        return made["VpcEndpointId"]

    def env(self, *arguments):
        return self.server.run(["env", "--data", self.server.data, "--output", "json", *arguments])

    def through(self, endpoint, session=None):
        return self.client("s3", json.loads(self.env("--vpc-endpoint", endpoint).stdout)["s3Endpoint"], session)

    def user(self, name, *statements):
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name="us-east-1")


@pytest.fixture(name="account")
def account_fixture():
    account = Account()
    yield account
    account.server.stop()


def refusal(call, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


def policy(effect, action, resource, condition=None):
    statement = {"Effect": effect, "Principal": "*", "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_bucket_that_only_one_endpoint_reaches(account):
    """The PrivateLink document's bucket policy: it allows through the endpoint; alone it denies nobody else."""
    endpoint, other = account.gateway(), account.gateway()
    account.s3.create_bucket(Bucket="private")
    account.s3.put_object(Bucket="private", Key="k", Body=b"data")
    stranger = account.user("stranger")  # without a policy of its own
    # The document's statement grants everybody, so the bucket's public access block refuses no one: the endpoint makes it not public.
    account.s3.put_bucket_policy(Bucket="private", Policy=policy("Allow", "s3:*", "arn:aws:s3:::private/*", {"StringEquals": {"aws:SourceVpce": endpoint}}))
    assert account.through(endpoint, stranger).get_object(Bucket="private", Key="k")["Body"].read() == b"data"
    for s3 in (account.client("s3", session=stranger), account.through(other, stranger)):
        code, message = refusal(s3.get_object, Bucket="private", Key="k")
        assert code == "AccessDenied" and "no identity-based policy allows the s3:GetObject action" in message
    # Whoever has a policy of his own still comes from anywhere: only a Deny shuts the other ways.
    assert account.s3.get_object(Bucket="private", Key="k")["Body"].read() == b"data"
    account.s3.put_bucket_policy(Bucket="private", Policy=policy("Deny", "s3:GetObject", "arn:aws:s3:::private/*", {"StringNotEquals": {"aws:SourceVpce": endpoint}}))
    code, message = refusal(account.s3.get_object, Bucket="private", Key="k")
    assert code == "AccessDenied" and "with an explicit deny in a resource-based policy" in message
    assert account.through(endpoint).get_object(Bucket="private", Key="k")["Body"].read() == b"data"


def test_the_keys_that_an_endpoint_brings(account):
    endpoint = account.gateway()
    account.s3.create_bucket(Bucket="keys")
    account.s3.put_object(Bucket="keys", Key="k", Body=b"data")
    conditions = {
        "aws:SourceVpc": {"StringEquals": {"aws:SourceVpc": account.vpc}},
        "aws:VpcSourceIp": {"IpAddress": {"aws:VpcSourceIp": "127.0.0.0/8"}},
        "aws:VpceAccount": {"StringEquals": {"aws:VpceAccount": account.account}},
        "no aws:SourceIp": {"Null": {"aws:SourceIp": "true"}},
    }
    for name, condition in conditions.items():
        session = account.user(name.replace(":", "-").replace(" ", "-"), {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": condition})
        assert account.through(endpoint, session).get_object(Bucket="keys", Key="k")["Body"].read() == b"data", name
        assert refusal(account.client("s3", session=session).get_object, Bucket="keys", Key="k")[0] == "AccessDenied", name


def test_an_endpoints_own_policy(account):
    account.s3.create_bucket(Bucket="open")
    account.s3.create_bucket(Bucket="shut")
    for bucket in ("open", "shut"):
        account.s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    endpoint = account.gateway(PolicyDocument=policy("Allow", "s3:GetObject", "arn:aws:s3:::open/*"))
    s3 = account.through(endpoint)
    assert s3.get_object(Bucket="open", Key="k")["Body"].read() == b"data"
    code, message = refusal(s3.get_object, Bucket="shut", Key="k")
    assert code == "AccessDenied" and "because no VPC endpoint policy allows the s3:GetObject action" in message
    assert refusal(s3.put_object, Bucket="open", Key="new", Body=b"x")[0] == "AccessDenied"
    # A change is felt by the next call.
    account.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, PolicyDocument=policy("Deny", "s3:*", "*"))
    code, message = refusal(s3.get_object, Bucket="open", Key="k")
    assert code == "AccessDenied" and "with an explicit deny in a VPC endpoint policy" in message
    account.ec2.modify_vpc_endpoint(VpcEndpointId=endpoint, ResetPolicy=True)
    assert s3.get_object(Bucket="shut", Key="k")["Body"].read() == b"data"
    # Every refusal stands in the trail with the endpoint's name.
    shown = account.server.run(["trail", "--data", account.server.data, "--decision", "ExplicitlyDenied", "--output", "json"])
    assert shown.returncode == 0 and endpoint in shown.stdout, shown.stderr


def test_an_interface_endpoint_by_its_names(account):
    made = account.ec2.create_vpc_endpoint(VpcId=account.vpc, ServiceName="com.amazonaws.us-east-1.s3", VpcEndpointType="Interface",
                                           PolicyDocument=policy("Allow", "s3:GetObject", "arn:aws:s3:::named/*"))["VpcEndpoint"]
    name = made["DnsEntries"][0]["DnsName"]
    assert name.startswith(f"*.{made['VpcEndpointId']}-") and name.endswith(".s3.us-east-1.vpce.amazonaws.com")
    account.s3.create_bucket(Bucket="named")
    account.s3.put_object(Bucket="named", Key="k", Body=b"data")
    for style in ("path", "virtual"):  # bucket.vpce-… /named, and named.bucket.vpce-…
        s3 = account.session.client("s3", endpoint_url=f"https://bucket{name[1:]}", verify=account.server.env["caBundle"],
                                    config=Config(s3={"addressing_style": style}, proxies={"https": account.endpoint}))
        assert s3.get_object(Bucket="named", Key="k")["Body"].read() == b"data", style
        assert "no VPC endpoint policy allows" in refusal(s3.put_object, Bucket="named", Key="x", Body=b"")[1]
    gone = account.client("s3", "https://bucket.vpce-00000000000000000-abcdefgh.s3.us-east-1.vpce.amazonaws.com", proxy=account.endpoint)
    assert refusal(gone.get_object, Bucket="named", Key="k")[0] == "UnknownEndpoint"


def test_an_endpoint_leads_to_its_service_alone(account):
    url = json.loads(account.env("--vpc-endpoint", account.gateway()).stdout)["s3Endpoint"]
    assert refusal(account.client("iam", url).list_users)[0] in ("UnknownEndpoint", "404")
    elsewhere = boto3.Session(account.server.env["accessKeyId"], account.server.env["secretAccessKey"], region_name="eu-west-1")
    assert refusal(account.client("s3", url, elsewhere).list_buckets)[0] == "UnknownEndpoint"


def test_calls_that_need_no_permission(account):
    """GetSessionToken needs none, but an endpoint's policy has its say; no policy keeps anybody from GetCallerIdentity."""
    def through(**more):
        made = account.ec2.create_vpc_endpoint(VpcId=account.vpc, ServiceName="com.amazonaws.us-east-1.sts", VpcEndpointType="Interface", **more)["VpcEndpoint"]
        return account.client("sts", f"https://{made['DnsEntries'][0]['DnsName']}", proxy=account.endpoint)

    closed, opened = through(PolicyDocument=policy("Deny", "*", "*")), through()
    code, message = refusal(closed.get_session_token)
    assert code == "AccessDenied" and "with an explicit deny in a VPC endpoint policy" in message
    assert opened.get_session_token()["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert closed.get_caller_identity()["Account"] == account.account


def test_what_s3_asks_of_kms_passes_no_endpoint(account):
    """An endpoint's policy for S3 need not allow KMS: S3 asks it, not the client."""
    endpoint = account.gateway(PolicyDocument=policy("Allow", "s3:*", "*"))
    account.s3.create_bucket(Bucket="sealed")
    s3 = account.through(endpoint)
    s3.put_object(Bucket="sealed", Key="k", Body=b"data", ServerSideEncryption="aws:kms")
    assert s3.get_object(Bucket="sealed", Key="k")["Body"].read() == b"data"


def test_anonymous_in_another_region(account):
    elsewhere = boto3.Session(account.server.env["accessKeyId"], account.server.env["secretAccessKey"], region_name="eu-west-1")
    ec2, s3 = account.client("ec2", session=elsewhere), account.client("s3", session=elsewhere)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    endpoint = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.eu-west-1.s3")["VpcEndpoint"]["VpcEndpointId"]
    s3.create_bucket(Bucket="west", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="west", Key="k", Body=b"data")
    s3.put_bucket_policy(Bucket="west", Policy=policy("Allow", "s3:GetObject", "arn:aws:s3:::west/*", {"StringEquals": {"aws:SourceVpce": endpoint}}))
    url = json.loads(account.env("--vpc-endpoint", endpoint).stdout)["s3Endpoint"]
    with urllib.request.urlopen(f"{url}/west/k", timeout=5) as answer:
        assert answer.read() == b"data"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{account.endpoint}/west/k", timeout=5)


def test_twenty_gateways_a_region(account):
    """https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html"""
    for _ in range(20):
        account.gateway()
    assert refusal(account.gateway)[0] == "VpcEndpointLimitExceeded"
    assert len(account.ec2.describe_vpc_endpoints()["VpcEndpoints"]) == 20


def test_deleted_and_restarted(account):
    kept, gone = account.gateway(), account.gateway()
    through = account.through(gone)
    account.ec2.delete_vpc_endpoints(VpcEndpointIds=[gone])
    with pytest.raises(EndpointConnectionError):  # nobody listens there
        through.list_buckets()
    assert "there is no VPC endpoint" in account.env("--vpc-endpoint", gone).stderr
    # A start on the same data finds the endpoint and listens for it again.
    server = account.server
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    with open(server.log_path, "ab") as log:
        server.process = subprocess.Popen([binary(), "serve", "--listen", "127.0.0.1:0", "--data", server.data], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    server.env = server._await()
    assert account.through(kept).list_buckets()["Buckets"] == []
