"""A small ingest pipeline: reads records, writes them in batches into a folder of a bucket, lists and reads them back.

It uses the SDK's default credential chain and nothing else, as a data collector on EKS does: what it may do is decided by
the role of the service account it runs as.

    ingest.py BUCKET FOLDER [--records FILE] [--pause-after N --signal FILE]

With --pause-after it writes a line to stdout after N batches and waits for the file to appear, so that somebody can change
the role's policy meanwhile; a refused write is reported, and tried again once the file is there.
"""

import argparse
import json
import os
import sys
import time

import boto3
from botocore.exceptions import ClientError

BATCH = 25


def records(path):
    if path is None:
        for n in range(100):
            yield {"id": n, "sensor": f"s{n % 7}", "value": n * n % 101}
        return
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def batches(source):
    batch = []
    for record in source:
        batch.append(record)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("bucket")
    parser.add_argument("folder")
    parser.add_argument("--records")
    parser.add_argument("--pause-after", type=int)
    parser.add_argument("--signal")
    args = parser.parse_args()

    s3 = boto3.client("s3")
    written = 0
    for number, batch in enumerate(batches(records(args.records))):
        if number == args.pause_after:
            print("paused", flush=True)
            wait_for(args.signal)
        key = f"{args.folder}/batch-{number:04d}.jsonl"
        body = "".join(json.dumps(record) + "\n" for record in batch).encode()
        try:
            s3.put_object(Bucket=args.bucket, Key=key, Body=body)
        except ClientError as error:
            print(f"refused {error.response['Error']['Code']}: {error.response['Error']['Message']}", flush=True)
            wait_for(args.signal + ".again")
            s3.put_object(Bucket=args.bucket, Key=key, Body=body)
        written += len(batch)

    read = 0
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=args.bucket, Prefix=args.folder + "/"):
        for entry in page.get("Contents", []):
            body = s3.get_object(Bucket=args.bucket, Key=entry["Key"])["Body"].read()
            read += len(body.splitlines())
    print(f"wrote {written} records, read {read} back", flush=True)
    return 0 if read == written else 1


if __name__ == "__main__":
    sys.exit(main())
