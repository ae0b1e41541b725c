"""DuckDB over what a role may fetch: Parquet and CSV files written by DuckDB, put by the owner, synced with the role's credentials, queried.

DuckDB's own S3 reader is an extension that npm does not carry, so that the AWS CLI is what fetches.
"""

import json
import os
import subprocess

import pytest
from tools import HERE, REGION, Tool, installed
from runner import npm


class DuckDB:
    def __init__(self, folder, home):
        self.folder, self.home = folder, home

    def rows(self, sql):
        done = subprocess.run(["node", "query.mjs", sql], cwd=self.folder, capture_output=True, text=True, timeout=120,
                              env={"PATH": os.environ["PATH"], "HOME": str(self.home)}, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)


@pytest.fixture(name="duckdb")
def duckdb_fixture(tmp_path):
    folder = npm.installed(HERE / "duckdb", "query.mjs")
    if folder is None:
        pytest.skip("there is no npm")
    return DuckDB(folder, tmp_path)


def test_queries_over_what_the_role_may_read(duckdb, account, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    duckdb.rows(f"COPY (SELECT i AS id, i % 7 AS day, i * 0.5 AS amount FROM range(100000) t(i)) "
                f"TO '{made}/sales' (FORMAT parquet, PARTITION_BY (day))")
    duckdb.rows(f"COPY (SELECT i AS day, 'day ' || i AS name FROM range(7) t(i)) TO '{made}/days.csv' (HEADER)")
    s3 = account.client("s3")
    s3.create_bucket(Bucket="warehouse")
    for path in (p for p in made.rglob("*") if p.is_file()):
        s3.upload_file(str(path), "warehouse", str(path.relative_to(made)))

    # The engine's role reads the sales and the days, and may not list or read day 3.
    keys = account.session_of(
        "engine",
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::warehouse"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::warehouse/*"},
        {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::warehouse/sales/day=3/*"})
    aws = Tool(installed("aws"), tmp_path, {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"], "AWS_SESSION_TOKEN": keys["SessionToken"],
        "AWS_DEFAULT_REGION": REGION})
    synced = aws.run("--endpoint-url", account.endpoint, "s3", "sync", "s3://warehouse", "fetched", "--no-progress")
    assert synced.returncode == 1 and "sales/day=3/" in synced.stderr and "explicit deny in an identity-based policy" in synced.stderr, synced.stderr

    fetched = tmp_path / "fetched"
    rows = duckdb.rows(f"SELECT d.name, count(*) AS n, sum(amount) AS total FROM read_parquet('{fetched}/sales/*/*.parquet', hive_partitioning=true) s "
                       f"JOIN read_csv('{fetched}/days.csv') d ON s.day = d.day GROUP BY d.name ORDER BY d.name")
    expected = [{"name": f"day {day}", "n": str(len(range(day, 100_000, 7))), "total": float(sum(range(day, 100_000, 7))) / 2}
                for day in range(7) if day != 3]
    assert [{**row, "total": float(row["total"])} for row in rows] == expected
