#!/usr/bin/env python3
"""Writes a workload for bench/policy_decisions: policies.json and requests.jsonl.

  policy_workload.py w1|w2|w3|w4 OUT_DIR [--size N] [--requests N (20000; w1: 20)] [--seed N]

  w1  one role with three policies such as a data platform's; twenty requests
  w2  one role with ten managed policies of about 6 KB
  w3  a bucket policy of N statements (1000), callers from many accounts
  w4  N roles (10000), each with policies of its own, a random one each request
  scale-statements  one identity policy of N statements
  scale-policies    N policies on a hundred roles
"""
import argparse
import json
import os
import random

ACCOUNT = "111122223333"


def doc(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions, resources, **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def session(role):
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/run"


def context(rng, role, request):
    keys = {
        "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "AssumedRole",
        "aws:userid": f"AROAEXAMPLEID1234567:run{request}",
        "aws:SecureTransport": "true",
        "aws:SourceIp": f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(256)}",
        "aws:CurrentTime": f"2026-01-{1 + rng.randrange(28):02}T{rng.randrange(24):02}:00:00Z",
        "aws:RequestedRegion": "us-east-1",
        "aws:UserAgent": f"aws-sdk/{rng.randrange(1000)}",
    }
    if rng.random() < 0.5:
        keys["aws:PrincipalTag/team"] = rng.choice(["data", "ops", "web"])
    return keys


def platform_policies(name, bucket):
    """Storage, cluster and network permissions of a lakehouse vendor."""
    return {
        f"{name}-storage": doc(
            allow(["s3:ListBucket", "s3:GetBucketLocation"], f"arn:aws:s3:::{bucket}", Sid="List"),
            allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
                  f"arn:aws:s3:::{bucket}/*", Sid="Objects"),
            allow("s3:GetObject*", f"arn:aws:s3:::{bucket}-shared/${{aws:PrincipalTag/team}}/*", Sid="Team"),
            {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Sid": "Tls",
             "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        f"{name}-cluster": doc(
            allow(["eks:DescribeCluster", "eks:ListNodegroups", "eks:DescribeNodegroup"],
                  f"arn:aws:eks:us-east-1:{ACCOUNT}:cluster/{name}*"),
            allow(["ec2:Describe*"], "*"),
            allow(["ec2:RunInstances", "ec2:TerminateInstances", "ec2:CreateTags"], "*",
                  Condition={"StringEquals": {"aws:ResourceTag/app": name}}),
            allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{name}-node",
                  Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})),
        f"{name}-data": doc(
            allow(["glue:GetTable", "glue:GetTables", "glue:GetDatabase", "glue:GetPartitions"],
                  [f"arn:aws:glue:us-east-1:{ACCOUNT}:catalog", f"arn:aws:glue:us-east-1:{ACCOUNT}:database/{name}",
                   f"arn:aws:glue:us-east-1:{ACCOUNT}:table/{name}/*"]),
            allow(["sqs:SendMessage", "sqs:ReceiveMessage"], f"arn:aws:sqs:*:{ACCOUNT}:{name}-*"),
            allow(["kms:Decrypt", "kms:GenerateDataKey"], "*",
                  Condition={"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}})),
    }


def platform_request(rng, name, bucket):
    return rng.choice([
        ("s3:GetObject", f"arn:aws:s3:::{bucket}/raw/{rng.randrange(10**6)}.parquet"),
        ("s3:PutObject", f"arn:aws:s3:::{bucket}/out/{rng.randrange(10**6)}.parquet"),
        ("s3:ListBucket", f"arn:aws:s3:::{bucket}"),
        ("s3:GetObject", f"arn:aws:s3:::{bucket}-shared/data/x"),
        ("s3:DeleteBucket", f"arn:aws:s3:::{bucket}"),
        ("eks:DescribeCluster", f"arn:aws:eks:us-east-1:{ACCOUNT}:cluster/{name}-1"),
        ("ec2:DescribeInstances", "*"),
        ("ec2:RunInstances", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/*"),
        ("glue:GetTable", f"arn:aws:glue:us-east-1:{ACCOUNT}:table/{name}/t{rng.randrange(100)}"),
        ("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}-events"),
        ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{name}-node"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{name}"),
    ])


SERVICES = {
    "ec2": (["Describe*", "RunInstances", "StopInstances", "CreateVolume", "AttachVolume", "CreateTags"], "instance/*"),
    "s3": (["Get*", "List*", "PutObject", "DeleteObject"], None),
    "dynamodb": (["GetItem", "PutItem", "Query", "Scan", "BatchGetItem"], "table/app-*"),
    "sqs": (["SendMessage", "ReceiveMessage", "DeleteMessage"], "app-*"),
    "lambda": (["InvokeFunction", "GetFunction", "List*"], "function:app-*"),
    "logs": (["CreateLogGroup", "CreateLogStream", "PutLogEvents", "Describe*"], "log-group:/app/*"),
    "kms": (["Decrypt", "Encrypt", "GenerateDataKey*"], "key/*"),
    "ssm": (["GetParameter*", "DescribeParameters"], "parameter/app/*"),
    "elasticloadbalancing": (["Describe*", "CreateListener", "ModifyListener"], "loadbalancer/app/*"),
    "secretsmanager": (["GetSecretValue", "DescribeSecret"], "secret:app-*"),
}


# Actions that the wildcards above stand for, on the resource beside them.
EXAMPLES = {
    "ec2:Describe*": ["DescribeInstances", "DescribeVolumes", "DescribeSubnets"],
    "s3:Get*": ["GetObject", "GetObjectTagging", "GetObjectVersion"],
    "s3:List*": ["ListMultipartUploadParts"],
    "lambda:List*": ["ListAliases", "ListVersionsByFunction"],
    "logs:Describe*": ["DescribeLogStreams", "DescribeMetricFilters"],
    "kms:GenerateDataKey*": ["GenerateDataKey", "GenerateDataKeyPair"],
    "ssm:GetParameter*": ["GetParameter", "GetParameters", "GetParameterHistory"],
    "elasticloadbalancing:Describe*": ["DescribeLoadBalancers", "DescribeListeners"],
}


def managed_policy(rng, number):
    statements = []
    while len(json.dumps(doc(*statements), indent=2)) < 6000:
        service, (names, resource) = rng.choice(list(SERVICES.items()))
        arn = (f"arn:aws:s3:::app-{rng.randrange(40)}/*" if resource is None
               else f"arn:aws:{service}:*:{ACCOUNT}:{resource}")
        more = {"Sid": f"P{number}S{len(statements)}"}
        if rng.random() < 0.3:
            more["Condition"] = {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}}
        statements.append(allow([f"{service}:{n}" for n in rng.sample(names, min(3, len(names)))],
                                "*" if rng.random() < 0.3 else arn, **more))
    return doc(*statements)


def app_request(rng):
    service, (names, resource) = rng.choice(list(SERVICES.items()))
    name = rng.choice(names)
    name = rng.choice(EXAMPLES.get(f"{service}:{name}", [name]))
    if resource is None:
        return f"s3:{name}", f"arn:aws:s3:::app-{rng.randrange(60)}/k{rng.randrange(10**6)}"
    return f"{service}:{name}", f"arn:aws:{service}:us-east-1:{ACCOUNT}:" + resource.replace("*", str(rng.randrange(100)))


def w1(rng, args):
    base = platform_policies("lake", "lake-data")
    table = {"name": "w1", "account": ACCOUNT, "policies": base, "principals": {session("lake"): list(base)}}
    distinct = [platform_request(rng, "lake", "lake-data") for _ in range(20)]
    return table, [("lake", *distinct[i % 20], {}) for i in range(args.requests)]


def w2(rng, args):
    policies = {f"m{i}": managed_policy(rng, i) for i in range(10)}
    table = {"name": "w2", "account": ACCOUNT, "policies": policies, "principals": {session("app"): list(policies)}}
    return table, [("app", *app_request(rng), {}) for _ in range(args.requests)]


def w3(rng, args):
    statements = []
    for i in range(args.size or 1000):
        statements.append({"Sid": f"Tenant{i}", "Effect": "Allow",
                           "Principal": {"AWS": f"arn:aws:iam::{100000000000 + i}:role/tenant"},
                           "Action": ["s3:GetObject", "s3:PutObject"],
                           "Resource": f"arn:aws:s3:::shared-lake/tenant-{i}/*"})
    statements.append({"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                       "Resource": "arn:aws:s3:::shared-lake/*",
                       "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    policies = {"bucket": doc(*statements), "all": doc(allow("s3:*", "*"))}
    count = len(statements) - 1
    principals, requests = {}, []
    for _ in range(args.requests):
        i = rng.randrange(count)
        who = f"arn:aws:sts::{100000000000 + i}:assumed-role/tenant/run"
        principals[who] = ["all"]
        target = i if rng.random() < 0.8 else rng.randrange(count)
        requests.append((who, "s3:GetObject", f"arn:aws:s3:::shared-lake/tenant-{target}/{rng.randrange(10**6)}",
                         {"resourcePolicy": "bucket"}))
    return {"name": "w3", "account": ACCOUNT, "policies": policies, "principals": principals}, requests


def w4(rng, args):
    policies, principals, requests = {}, {}, []
    count = args.size or 10000
    for i in range(count):
        own = platform_policies(f"app{i}", f"app{i}-data")
        policies |= own
        principals[session(f"app{i}")] = list(own)
    for _ in range(args.requests):
        i = rng.randrange(count)
        requests.append((f"app{i}", *platform_request(rng, f"app{i}", f"app{i}-data"), {}))
    return {"name": "w4", "account": ACCOUNT, "policies": policies, "principals": principals}, requests


def scale_statements(rng, args):
    count = args.size or 1000
    policy = doc(*[allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::b-{i}/*") for i in range(count)])
    table = {"name": f"statements-{count}", "account": ACCOUNT, "policies": {"p": policy},
             "principals": {session("app"): ["p"]}}
    return table, [("app", "s3:GetObject", f"arn:aws:s3:::b-{rng.randrange(count)}/k{i}", {})
                   for i in range(args.requests)]


def scale_policies(rng, args):
    count = args.size or 1000
    policies = {f"p{i}": doc(allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::b-{i}/*")) for i in range(count)}
    roles = max(1, count // 10)
    principals = {session(f"r{r}"): [f"p{i}" for i in range(r, count, roles)][:10] for r in range(roles)}
    return ({"name": f"policies-{count}", "account": ACCOUNT, "policies": policies, "principals": principals},
            [(f"r{rng.randrange(roles)}", "s3:GetObject", f"arn:aws:s3:::b-{rng.randrange(count)}/k{i}", {})
             for i in range(args.requests)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = {"w1": w1, "w2": w2, "w3": w3, "w4": w4, "scale-statements": scale_statements,
             "scale-policies": scale_policies}
    parser.add_argument("kind", choices=kinds)
    parser.add_argument("out")
    parser.add_argument("--size", type=int)
    parser.add_argument("--requests", type=int)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.requests = args.requests or (20 if args.kind == "w1" else 20000)
    rng = random.Random(args.seed)
    table, requests = kinds[args.kind](rng, args)
    os.makedirs(args.out, exist_ok=True)
    with open(os.path.join(args.out, "policies.json"), "w") as f:
        json.dump(table, f)
    with open(os.path.join(args.out, "requests.jsonl"), "w") as f:
        for i, (role, action, resource, more) in enumerate(requests):
            who = role if role.startswith("arn:") else session(role)
            name = who.split("/")[1]
            f.write(json.dumps({"id": i, "principal": who, "action": action, "resource": resource,
                                "context": context(rng, name, i), **more}) + "\n")


if __name__ == "__main__":
    main()
