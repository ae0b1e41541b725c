#!/usr/bin/env python3
"""Runs scripts without pytest: run.py [FILE or FOLDER]…; exits 1 when one fails.

  tests/api/run.py tests/api/sts
  GATEHOUSE_TEST_ENDPOINT=aws tests/api/run.py tests/api/iam/roles.test
"""

import pathlib
import sys
import time

import botocore

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from runner.run import Failed, Known, ScriptError, Skipped, run_file  # noqa: E402
from runner.server import ServerFailed  # noqa: E402


def main(arguments):
    print(f"python {sys.version.split()[0]}, botocore {botocore.__version__}")
    counts = {"ok": 0, "FAIL": 0, "skip": 0, "known": 0}
    for path in scripts(arguments or [HERE]):
        started = time.monotonic()
        outcome, why = one(path)
        counts[outcome] += 1
        print(f"{outcome:5}  {path}  {time.monotonic() - started:.2f} s", *([why] if why else []), sep="\n      ")
    print(f"{counts['ok']} passed, {counts['FAIL']} failed, {counts['skip']} skipped, {counts['known']} known defects")
    return 1 if counts["FAIL"] else 0


def scripts(arguments):
    for argument in map(pathlib.Path, arguments):
        yield from sorted(argument.rglob("*.test")) if argument.is_dir() else [argument]


def one(path):
    try:
        run_file(path)
        return "ok", ""
    except Skipped as why:
        return "skip", str(why)
    except Known as defect:
        return "known", str(defect)
    except (Failed, ScriptError, ServerFailed) as failure:
        return "FAIL", str(failure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
