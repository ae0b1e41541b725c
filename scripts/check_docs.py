"""Runs the documentation's commands: every fenced `sh` block of README.md and docs/*.md that is marked to be run.

A block is run when the line before its fence is <!-- run --> ; the blocks of one file run in order in one shell, against one
fresh server whose environment is exported, with build/release first on PATH. A block fails with the first command that fails;
<!-- run: fails --> marks one that must fail. Commands whose first word is `gatehouse` anywhere in the documentation must
name a subcommand and flags that --help knows.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GATEHOUSE = ROOT / "build/release/gatehouse"
FENCE = re.compile(r"^(<!-- run(?P<fails>: fails)? -->\n)?```sh\n(?P<body>.*?)^```$", re.M | re.S)


def pages():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def known_flags(words, cache={}):
    key = tuple(words)
    if key not in cache:
        done = subprocess.run([GATEHOUSE, *words, "--help"], capture_output=True, text=True, check=False)
        cache[key] = set(re.findall(r"--[a-z-]+", done.stdout)) if done.returncode == 0 else None
    return cache[key]


def check_words(page, line):
    """A documented `gatehouse …` command names what --help knows."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        return []
    if not words or words[0] != "gatehouse":
        return []
    if "--" in words:
        words = words[:words.index("--")]
    path = []
    for word in words[1:]:
        if word.startswith("-") or len(path) == 2 or not word.replace("-", "").isalpha() or known_flags([*path, word]) is None:
            break
        path.append(word)
    if not path:
        return [] if words[1:] in (["--version"], ["--help"]) else [f"{page.name}: no such command: {line}"]
    flags = known_flags(path) or set()
    return [f"{page.name}: {word} is no flag of {' '.join(path)}" for word in words if word.startswith("--") and word.split("=")[0] not in flags]


def start_server(data):
    server = subprocess.Popen([GATEHOUSE, "serve", "--data", data, "--listen", "127.0.0.1:0", "--log-level", "error"],
                              stdin=subprocess.DEVNULL)
    for _ in range(400):
        got = subprocess.run([GATEHOUSE, "env", "--data", data], capture_output=True, text=True, check=False)
        if got.returncode == 0:
            return server, got.stdout
        if server.poll() is not None:
            break
        time.sleep(0.025)
    sys.exit("the server did not start")


def run_page(page, blocks):
    problems = []
    with tempfile.TemporaryDirectory(prefix="gatehouse-docs-") as work:
        data = pathlib.Path(work) / "data"
        server, exports = start_server(data)
        environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        environment["PATH"] = f"{GATEHOUSE.parent}:/usr/bin:{environment['PATH']}"
        environment["GATEHOUSE_DATA"] = str(data)
        script = "set -euo pipefail\n" + exports
        state = pathlib.Path(work) / "state"
        try:
            for number, (body, fails) in enumerate(blocks, 1):
                source = f"{script}\n[ -f {state} ] && . {state}\ncd {work}\n{body}\nexport -p > {state}\n"
                done = subprocess.run(["/bin/bash", "-c", source], env=environment, capture_output=True, text=True, check=False, timeout=120)
                if (done.returncode != 0) != fails:
                    problems.append(f"{page.name}, block {number}: exit {done.returncode}\n{body}{done.stdout}{done.stderr}")
        finally:
            server.terminate()
            server.wait(timeout=30)
    return problems


def main():
    problems = []
    ran = 0
    for page in pages():
        text = page.read_text(encoding="utf-8")
        blocks = []
        for fence in FENCE.finditer(text):
            for line in fence["body"].replace("\\\n", " ").splitlines():
                problems += check_words(page, line.strip())
            if fence[1]:
                blocks.append((fence["body"], bool(fence["fails"])))
        if blocks:
            ran += len(blocks)
            problems += run_page(page, blocks)
    for problem in problems:
        print(problem)
    print(json.dumps({"blocks": ran, "problems": len(problems)}))
    return 1 if problems or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
