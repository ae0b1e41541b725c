#!/usr/bin/env python3
"""What a decision costs against the number of statements in a policy, and of policies in an account, over four decades.

    bench/policy_plot.py [--svg docs/policy-cost.svg] [--seconds 1]

Needs build/release/bench/policy_decisions. Writes the plot and prints the numbers as a table.
"""
import argparse
import math
import pathlib
import re
import subprocess
import sys
import tempfile

BENCH = pathlib.Path(__file__).resolve().parent
DECISIONS = BENCH.parent / "build/release/bench/policy_decisions"
SIZES = [10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000]
PANELS = {"scale-statements": "statements in one policy", "scale-policies": "policies of an account, ten a role"}
SERIES = {"decide": ("Gatehouse", "#1f6feb"), "explain": ("Gatehouse, explaining", "#8250df"),
          "linear": ("linear scan", "#bf8700")}
WIDTH, HEIGHT, LEFT, TOP = 330, 300, 60, 40


def nanoseconds(files, seconds, measure):
    printed = subprocess.run([DECISIONS, *files, "--only", measure, "--seconds", str(seconds)], capture_output=True,
                             text=True, check=True).stdout
    return 1e9 / float(re.search(r" {2,}([0-9]+)$", printed, re.MULTILINE)[1])


def measure(kind, size, directory, seconds):
    subprocess.run([sys.executable, BENCH / "policy_workload.py", kind, directory, "--size", str(size)], check=True)
    requests = directory / "requests.jsonl"
    few = directory / "few.jsonl"  # enough where one decision looks at every statement
    few.write_text("".join(requests.read_text().splitlines(keepends=True)[:200]))
    files = ["--policies", directory / "policies.json", "--requests"]
    return {name: nanoseconds([*files, few if (kind, name) == ("scale-statements", "linear") else requests], seconds, name) for name in SERIES}


def text(x, y, what, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{what}</text>'


def panel(title, rows, offset, low, high):
    def x(size):
        return offset + LEFT + WIDTH * math.log10(size / SIZES[0]) / math.log10(SIZES[-1] / SIZES[0])

    def y(ns):
        return TOP + HEIGHT * (1 - (math.log10(ns) - low) / (high - low))

    out = []
    for decade in range(low, high + 1):
        unit = {1: "10 ns", 2: "100 ns", 3: "1 µs", 4: "10 µs", 5: "100 µs", 6: "1 ms", 7: "10 ms"}[decade]
        out.append(f'<line x1="{x(SIZES[0]):.1f}" x2="{x(SIZES[-1]):.1f}" y1="{y(10**decade):.1f}" y2="{y(10**decade):.1f}" '
                   'stroke="#d0d7de"/>')
        out.append(text(offset + LEFT - 8, y(10**decade) + 4, unit, "end"))
    for size in (10, 100, 1_000, 10_000, 100_000):
        out.append(text(x(size), TOP + HEIGHT + 18, f"{size:,}"))
    out.append(text(offset + LEFT + WIDTH / 2, TOP + HEIGHT + 38, title))
    for name, (label, colour) in SERIES.items():
        points = [(x(size), y(row[name])) for size, row in rows.items()]
        line = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>' for px, py in points]
    return out


def plot(results):
    every = [ns for rows in results.values() for row in rows.values() for ns in row.values()]
    low, high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
    width, height = 2 * (WIDTH + LEFT) + 40, TOP + HEIGHT + 50
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
           'font-size="12" fill="#1f2328">', f'<rect width="{width}" height="{height}" fill="#ffffff"/>']
    for i, (label, colour) in enumerate(SERIES.values()):
        at = LEFT + 190 * i
        out.append(f'<rect x="{at}" y="12" width="12" height="12" fill="{colour}"/>' + text(at + 18, 22, label, "start"))
    for i, (kind, title) in enumerate(PANELS.items()):
        out += panel(title, results[kind], i * (WIDTH + LEFT + 10), low, high)
    return "\n".join([*out, "</svg>"]) + "\n"


def print_table(results):
    print("| | " + " | ".join(f"{size:,}" for size in SIZES) + " |")
    print("|---|" + "---|" * len(SIZES))
    for kind, title in PANELS.items():
        for name, (label, _) in SERIES.items():
            print(f"| {title}: {label} | " + " | ".join(f"{row[name]:,.0f} ns" for row in results[kind].values()) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--svg", default=BENCH.parent / "docs/policy-cost.svg")
    parser.add_argument("--seconds", type=float, default=1, help="CPU seconds a point")
    args = parser.parse_args()
    results = {kind: {} for kind in PANELS}
    with tempfile.TemporaryDirectory() as directory:
        for kind, rows in results.items():
            for size in SIZES:
                print(f"{kind} {size}", file=sys.stderr)
                rows[size] = measure(kind, size, pathlib.Path(directory), args.seconds)
    pathlib.Path(args.svg).write_text(plot(results), encoding="utf-8")
    print_table(results)


if __name__ == "__main__":
    main()
