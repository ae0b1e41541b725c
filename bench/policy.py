#!/usr/bin/env python3
"""The policy engine on four workloads, beside a linear scan, Cedar and iam-simulate, in one run on one core.

    bench/policy.py [--seconds 2] [--only w1,w3] [--no-peers] [--keep DIR]

Builds nothing: needs build/release/bench/policy_decisions, and Node with npm for the peers, which are installed
into a temporary directory as bench/peers/package-lock.json pins them. They run as programs of their own; nothing of them
is linked or shipped (iam-simulate is AGPL). Prints the tables of docs/benchmarks.md; exits 1 where a peer's
decision differs from ours on a request that the peer can express.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BENCH = pathlib.Path(__file__).resolve().parent
DECISIONS = BENCH.parent / "build/release/bench/policy_decisions"
WORKLOADS = {
    "w1": ("one role, three policies", 5e6),
    "w2": ("ten policies of 6 KB", 2e6),
    "w3": ("bucket policy of 1,000 statements", 2e6),
    "w4": ("10,000 roles, 30,000 policies", 1.5e6),
}
PEERS = {"cedar": "cedar-wasm", "iam_simulate": "iam-simulate"}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def install_peers(into):
    shutil.copytree(BENCH / "peers", into)
    run("npm", "ci", "--prefix", into, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def ours(files, out, seconds):
    """{measure: figure} as policy_decisions prints them."""
    printed = run(DECISIONS, *files, "--decisions", out, "--seconds", str(seconds))
    figures = re.findall(r"^ *([a-z][A-Za-z ,]*[a-z])  +([0-9.]+)", printed, re.MULTILINE)
    return {name: float(figure) for name, figure in figures}


def agreement(mine, theirs):
    """(agreed, compared, {(mine, theirs): count}) over the requests that the peer decided and can express."""
    pairs = collections.Counter(pair for pair in zip(mine, theirs) if pair[1] != "-")
    return sum(n for (a, b), n in pairs.items() if a == b), sum(pairs.values()), pairs


def words(path):
    return path.read_text().split()


def measure(kind, directory, args):
    target = directory / kind
    run(sys.executable, BENCH / "policy_workload.py", kind, target, *(["--requests", "2000"] if kind == "w1" else []))
    files = ["--policies", target / "policies.json", "--requests", target / "requests.jsonl"]
    result = {"ours": ours(files, target / "ours", args.seconds), "peers": {}}
    for script in PEERS if args.peers else ():
        said = json.loads(run("node", directory / "peers" / f"{script}.mjs", *files, "--seconds", str(args.seconds),
                              "--decisions", target / script))
        result["peers"][script] = said["perSecond"], agreement(words(target / "ours"), words(target / script))
    return result


def number(n):
    return f"{n:,.0f}"


def print_tables(results):
    print("| workload | goal | decided/s | context built for each | with explanation | goal | linear scan | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for kind, result in results.items():
        title, goal = WORKLOADS[kind]
        f = result["ours"]
        plain, linear = f["decisions per CPU second"], f["linear scan over statements"]
        print(f"| {kind.upper()}: {title} | {number(goal)} | {number(plain)} | {number(f['context built for each'])} "
              f"| {number(f['with explanation'])} | {number(goal / 10)} | {number(linear)} | {plain / linear:.1f} |")
    print()
    if any(result["peers"] for result in results.values()):
        print("| workload | " + " | ".join(f"{name} | ratio | agrees" for name in PEERS.values()) + " |")
        print("|---|" + "---|---|---|" * len(PEERS))
        for kind, result in results.items():
            cells = []
            for speed, (agreed, compared, _) in result["peers"].values():
                cells.append(f"{number(speed)} | {number(result['ours']['decisions per CPU second'] / speed)} | {agreed} of {compared}")
            print(f"| {kind.upper()} | " + " | ".join(cells) + " |")
        print()
    print("| 6 KiB of policy | goal | " + " | ".join(kind.upper() for kind in results) + " |")
    print("|---|---|" + "---|" * len(results))
    for name, goal in (("parse", 18), ("parse, check and compile", 100)):
        print(f"| {name} | {goal} µs | " + " | ".join(f"{r['ours'][name]:.1f} µs" for r in results.values()) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2, help="CPU seconds a measure")
    parser.add_argument("--only", default=",".join(WORKLOADS), help="workloads, with commas between them")
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    parser.add_argument("--keep", help="a directory for workloads and decisions")
    args = parser.parse_args()
    if not os.access(DECISIONS, os.X_OK):
        sys.exit(f"{DECISIONS} is not built: scripts/build.sh release policy_decisions")
    with tempfile.TemporaryDirectory() as temporary:
        directory = pathlib.Path(args.keep or temporary)
        if args.peers:
            shutil.rmtree(directory / "peers", ignore_errors=True)
            install_peers(directory / "peers")
        results = {}
        for kind in args.only.split(","):
            print(f"{kind}: {WORKLOADS[kind][0]}", file=sys.stderr)
            results[kind] = measure(kind, directory, args)
    print_tables(results)
    differ = {(k, p): pairs for k, r in results.items() for p, (_, (_, _, pairs)) in r["peers"].items()
              if any(a != b for a, b in pairs)}
    for (kind, peer), pairs in differ.items():
        for (a, b), count in pairs.items():
            if a != b:
                print(f"{kind}: {count} requests are {a} here and {b} in {PEERS[peer]}", file=sys.stderr)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
