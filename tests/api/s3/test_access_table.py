"""Operations by principal by kind of policy, with real signed calls: who may do what to a bucket's objects and why.

A row is one arrangement of policies; its columns are principals; the cell says which operations are allowed. What is
expected follows from the IAM User Guide's evaluation logic and from
https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html.
"""

import json

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from runner.server import Gatehouse

OPERATIONS = {
    "list": lambda s3, b: s3.list_objects_v2(Bucket=b),
    "head bucket": lambda s3, b: s3.head_bucket(Bucket=b),
    "get": lambda s3, b: s3.get_object(Bucket=b, Key="k"),
    "head": lambda s3, b: s3.head_object(Bucket=b, Key="k"),
    "tags": lambda s3, b: s3.get_object_tagging(Bucket=b, Key="k"),
    "acl": lambda s3, b: s3.get_object_acl(Bucket=b, Key="k"),
    "put": lambda s3, b: s3.put_object(Bucket=b, Key="new", Body=b"x"),
    "delete": lambda s3, b: s3.delete_object(Bucket=b, Key="spare"),
    "bucket acl": lambda s3, b: s3.get_bucket_acl(Bucket=b),
    "versioning": lambda s3, b: s3.get_bucket_versioning(Bucket=b),
}
ALL = set(OPERATIONS)
NONE = set()
LIST, READ = {"list", "head bucket"}, {"get", "head"}
PRINCIPALS = ["owner", "plain", "reader", "admin", "session", "other root", "other reader", "other plain", "anonymous"]

READER = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
EVERYTHING = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal, *actions, **more):
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions),
            "Resource": ["arn:aws:s3:::BUCKET", "arn:aws:s3:::BUCKET/*"], **more}


def deny(principal, *actions, **more):
    return {**allow(principal, *actions, **more), "Effect": "Deny"}


# What identity policies alone give: the rows below say only where they differ.
ALONE = {"owner": ALL, "plain": NONE, "reader": LIST | READ, "admin": ALL, "session": LIST | READ,
         "other root": NONE, "other reader": NONE, "other plain": NONE, "anonymous": NONE}

ROWS = {
    "identity policies alone": ({}, {}),
    "bucket policy names the other account": (
        {"policy": [allow({"AWS": "OTHER"}, "s3:GetObject", "s3:ListBucket")]},
        {"other root": LIST | READ, "other reader": LIST | READ}),
    "bucket policy names one user of the other account": (
        {"policy": [allow({"AWS": "arn:aws:iam::OTHER:user/reader"}, "s3:GetObject", "s3:PutObject")]},
        {"other reader": READ}),  # it has no identity policy for s3:PutObject
    "bucket policy names a user without policies": (
        {"policy": [allow({"AWS": "arn:aws:iam::OWN:user/plain"}, "s3:GetObject", "s3:PutObject")]},
        {"plain": READ | {"put"}}),
    "bucket policy names the own account": (
        {"policy": [allow({"AWS": "OWN"}, "s3:GetObject", "s3:PutObject")]}, {}),  # delegates only
    "bucket policy names the role": (
        {"policy": [allow({"AWS": "arn:aws:iam::OWN:role/reader"}, "s3:PutObject", "s3:GetObjectTagging")]},
        {"session": LIST | READ | {"put", "tags"}}),
    "public bucket policy": (
        {"policy": [allow("*", "s3:GetObject")], "open": True},
        {"plain": READ, "other root": READ, "other reader": READ, "anonymous": READ}),
    "public bucket policy of a restricted bucket": (
        {"policy": [allow("*", "s3:GetObject"), allow({"AWS": "OTHER"}, "s3:GetObject")], "open": True,
         "block": {"RestrictPublicBuckets": True}},
        {"plain": READ}),
    "public policy, deny without a signature": (
        {"policy": [allow("*", "s3:GetObject"),
                    deny("*", "s3:GetObject", Condition={"StringEquals": {"aws:PrincipalType": "Anonymous"}})],
         "open": True},
        {"plain": READ, "other root": READ, "other reader": READ}),
    "bucket policy denies reading to all": (
        {"policy": [deny("*", "s3:GetObject")]},
        {"owner": ALL - READ, "reader": LIST, "admin": ALL - READ, "session": LIST}),
    "bucket policy denies all but the administrator": (
        {"policy": [deny("*", "s3:GetObject", "s3:ListBucket",
                         Condition={"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::OWN:user/admin"}})]},
        {"owner": ALL - READ - LIST, "reader": NONE, "session": NONE}),
    "list grants the other account READ on the bucket": (
        {"ownership": "ObjectWriter", "acl": {"GrantRead": "id=THEIRS", "GrantFullControl": "id=OURS"}},
        {"other root": LIST, "other reader": LIST}),
    "list grants the other account READ on the object": (
        {"ownership": "ObjectWriter", "object": {"GrantRead": "id=THEIRS"}},
        {"other root": READ, "other reader": READ}),
    "list grants the other account full control of the object": (
        {"ownership": "ObjectWriter", "object": {"GrantFullControl": "id=THEIRS"}},
        {"other root": READ | {"acl"}, "other reader": READ}),
    "list grants the other account WRITE on the bucket": (
        {"ownership": "ObjectWriter", "acl": {"GrantWrite": "id=THEIRS", "GrantFullControl": "id=OURS"}},
        {"other root": {"put"}}),  # nobody else's object may be deleted
    "public list on the bucket": (
        {"ownership": "ObjectWriter", "open": True, "acl": {"ACL": "public-read"}},
        {"plain": LIST, "other root": LIST, "other reader": LIST, "anonymous": LIST}),
    "public list on the object": (
        {"ownership": "ObjectWriter", "open": True, "object": {"ACL": "public-read"}},
        {"plain": READ, "other root": READ, "other reader": READ, "anonymous": READ}),
    "authenticated list on the object": (
        {"ownership": "ObjectWriter", "open": True, "object": {"ACL": "authenticated-read"}},
        {"plain": READ, "other root": READ, "other reader": READ}),
    "public list, ignored": (
        {"ownership": "ObjectWriter", "open": True, "object": {"ACL": "public-read"}, "acl": {"ACL": "public-read"},
         "block": {"IgnorePublicAcls": True}}, {}),
    "public list, denied by the policy": (
        {"ownership": "ObjectWriter", "open": True, "object": {"ACL": "public-read"},
         "policy": [deny("*", "s3:GetObject")]},
        {"owner": ALL - READ, "reader": LIST, "admin": ALL - READ, "session": LIST}),
    "public list, ownership enforced afterwards": (
        {"ownership": "ObjectWriter", "open": True, "object": {"ACL": "public-read"}, "then": "BucketOwnerEnforced"}, {}),
    "object of the other account": (
        {"ownership": "ObjectWriter", "written by": "other root"},
        {"owner": ALL - READ - {"tags", "acl"}, "reader": LIST, "admin": ALL - READ - {"tags", "acl"}, "session": LIST,
         "other root": READ | {"tags", "acl"}, "other reader": READ}),
    "object of the other account, bucket policy opens all": (
        {"ownership": "ObjectWriter", "written by": "other root", "open": True, "policy": [allow("*", "s3:GetObject")]},
        {"owner": ALL - READ - {"tags", "acl"}, "reader": LIST, "admin": ALL - READ - {"tags", "acl"}, "session": LIST,
         "other root": READ | {"tags", "acl"}, "other reader": READ}),
    "object of the other account, shared with the bucket's owner": (
        {"ownership": "ObjectWriter", "written by": "other root", "object": {"ACL": "bucket-owner-full-control"}},
        {"owner": ALL - {"tags"}, "admin": ALL - {"tags"}, "other root": READ | {"tags", "acl"}, "other reader": READ}),
    "object given to the bucket's owner": (
        {"ownership": "BucketOwnerPreferred", "written by": "other root", "object": {"ACL": "bucket-owner-full-control"}},
        {}),
    "object of the other account where ownership is enforced": ({"written by": "other root"}, {}),
    "session policy narrower than the role": (
        {"session policy": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}, {"session": LIST}),
    "session policy wider than the role": ({"session policy": [EVERYTHING]}, {}),
    "session policy over a grant to the role": (
        {"session policy": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}],
         "policy": [allow({"AWS": "arn:aws:iam::OWN:role/reader"}, "s3:PutObject")]}, {"session": LIST}),
    "session policy under a grant to the session": (
        {"session policy": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}],
         "policy": [allow({"AWS": "arn:aws:sts::OWN:assumed-role/reader/session"}, "s3:PutObject")]},
        {"session": LIST | {"put"}}),
    # The other account is a member of the organization; the own one manages it, and no SCP binds it.
    "service control policy of the callers": (
        {"policy": [allow({"AWS": "OTHER"}, "s3:GetObject", "s3:ListBucket")],
         "scp": [{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}]},
        {"other root": LIST, "other reader": LIST}),
    "service control policy and a public policy": (
        {"policy": [allow("*", "s3:GetObject")], "open": True,
         "scp": [{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}]},
        {"plain": READ, "anonymous": READ}),
    "service control policy and a public list": (
        {"ownership": "ObjectWriter", "open": True, "object": {"ACL": "public-read"},
         "scp": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]},
        {"plain": READ, "anonymous": READ}),
}


class House:
    """Two accounts in one organization, and a client for each principal."""

    def __init__(self):
        self.server = Gatehouse()
        self.own = self.server.env["account"]
        self.root = self.client("s3", self.server.env)
        self.organizations = self.client("organizations", self.server.env)
        self.organizations.create_organization()
        root = self.organizations.list_roots()["Roots"][0]["Id"]
        self.organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
        self.organizations.create_account(AccountName="other", Email="other@example.com")
        accounts = self.organizations.list_accounts()["Accounts"]
        self.other = next(a["Id"] for a in accounts if a["Name"] == "other")
        shown = self.server.run(["account", "show", self.other, "--data", self.server.data, "--output", "json"])
        other = json.loads(shown.stdout)
        self.theirs = other["canonicalId"]
        self.clients = {"owner": self.root, "other root": self.client("s3", other)}
        self.clients["anonymous"] = boto3.client(
            "s3", endpoint_url=self.server.env["endpoint"], region_name="us-east-1", config=self.config(UNSIGNED))
        for prefix, keys in (("", self.server.env), ("other ", other)):
            for name, statement in (("plain", None), ("reader", READER), ("admin", EVERYTHING)):
                self.clients[prefix + name] = self.user(keys, name, statement)
        self.make_role()
        self.count = 0

    def config(self, signature=None):
        return Config(retries={"max_attempts": 0}, signature_version=signature, s3={"addressing_style": "path"})

    def client(self, service, keys):
        return boto3.client(service, endpoint_url=self.server.env["endpoint"], region_name="us-east-1",
                            aws_access_key_id=keys["accessKeyId"], aws_secret_access_key=keys["secretAccessKey"],
                            aws_session_token=keys.get("sessionToken"), config=self.config())

    def user(self, keys, name, statement):
        iam = self.client("iam", keys)
        iam.create_user(UserName=name)
        if statement:
            iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(statement))
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return self.client("s3", {"accessKeyId": made["AccessKeyId"], "secretAccessKey": made["SecretAccessKey"]})

    def make_role(self):
        iam = self.client("iam", self.server.env)
        iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(
            {"Version": "2012-10-17",
             "Statement": {"Effect": "Allow", "Principal": {"AWS": self.own}, "Action": "sts:AssumeRole"}}))
        iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=document(READER))
        iam.create_user(UserName="assumer")
        iam.put_user_policy(UserName="assumer", PolicyName="p", PolicyDocument=document(
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}))
        made = iam.create_access_key(UserName="assumer")["AccessKey"]
        self.sts = self.client("sts", {"accessKeyId": made["AccessKeyId"], "secretAccessKey": made["SecretAccessKey"]})

    def session(self, policy):
        more = {"Policy": document(*policy)} if policy else {}
        got = self.sts.assume_role(RoleArn=f"arn:aws:iam::{self.own}:role/reader", RoleSessionName="session", **more)
        keys = got["Credentials"]
        return self.client("s3", {"accessKeyId": keys["AccessKeyId"], "secretAccessKey": keys["SecretAccessKey"],
                                  "sessionToken": keys["SessionToken"]})

    def filled(self, value, bucket=""):
        text = json.dumps(value).replace("OWN", self.own).replace("OTHER", self.other).replace("BUCKET", bucket)
        return json.loads(text.replace("THEIRS", self.theirs).replace("OURS", self.server.env["canonicalId"]))

    def arrange(self, row):
        """A bucket as the row has it; returns its name and what takes the row's further traces away."""
        self.count += 1
        bucket = f"table-{self.count}"
        self.root.create_bucket(Bucket=bucket, ObjectOwnership=row.get("ownership", "BucketOwnerEnforced"))
        if row.get("open"):
            self.root.delete_public_access_block(Bucket=bucket)
        writer = self.clients[row.get("written by", "owner")]
        if writer is not self.root:
            policy = document(allow({"AWS": self.other}, "s3:PutObject", "s3:PutObjectAcl"))
            self.root.put_bucket_policy(Bucket=bucket, Policy=policy.replace("BUCKET", bucket))
        writer.put_object(Bucket=bucket, Key="k", Body=b"x", **self.filled(row.get("object", {})))
        self.root.put_object(Bucket=bucket, Key="spare", Body=b"x")
        self.root.delete_bucket_policy(Bucket=bucket)
        if "acl" in row:
            self.root.put_bucket_acl(Bucket=bucket, **self.filled(row["acl"]))
        if "policy" in row:
            self.root.put_bucket_policy(Bucket=bucket, Policy=document(*self.filled(row["policy"], bucket)))
        if "block" in row:
            self.root.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=row["block"])
        if "then" in row:
            self.root.put_bucket_ownership_controls(
                Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": row["then"]}]})
        return bucket

    def bind(self, statements):
        made = self.organizations.create_policy(
            Name="p", Description="-", Type="SERVICE_CONTROL_POLICY", Content=document(*statements))
        policy = made["Policy"]["PolicySummary"]["Id"]
        self.organizations.attach_policy(PolicyId=policy, TargetId=self.other)
        return policy

    def unbind(self, policy):
        self.organizations.detach_policy(PolicyId=policy, TargetId=self.other)
        self.organizations.delete_policy(PolicyId=policy)

    def allowed(self, client, bucket):
        done = set()
        for name, operation in OPERATIONS.items():
            try:
                operation(client, bucket)
                done.add(name)
            except ClientError as error:
                assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403, (name, error)
            if name == "delete":
                self.root.put_object(Bucket=bucket, Key="spare", Body=b"x")
        self.root.delete_object(Bucket=bucket, Key="new")
        return done


@pytest.fixture(scope="module", name="house")
def house_fixture():
    house = House()
    yield house
    house.server.stop()


@pytest.mark.parametrize("name", ROWS)
def test_row(house, name):
    row, differing = ROWS[name]
    expected = {**ALONE, **differing}
    bucket = house.arrange(row)
    bound = house.bind(row["scp"]) if "scp" in row else None
    clients = {**house.clients, "session": house.session(row.get("session policy"))}
    got = {principal: house.allowed(clients[principal], bucket) for principal in PRINCIPALS}
    if bound:
        house.unbind(bound)
    assert {p: sorted(v) for p, v in got.items()} == {p: sorted(v) for p, v in expected.items()}
