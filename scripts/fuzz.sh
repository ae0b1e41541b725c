#!/usr/bin/env bash
# fuzz.sh TARGET SECONDS: runs a libFuzzer target on its corpus of tests/fuzz/corpus/NAME and new inputs in a temporary folder.
# What makes it fail is kept in build/fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$1 seconds=$2
corpus=tests/fuzz/corpus/$(basename "$target")
found=$(mktemp -d)
failed=build/fuzz
mkdir -p "$failed"
trap 'rm -rf "$found"' EXIT
[ -d "$corpus" ] && set -- "$found" "$corpus" || set -- "$found"
"$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -artifact_prefix="$failed/$(basename "$target")-" "$@"
