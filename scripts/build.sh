#!/usr/bin/env bash
# build.sh PRESET [TARGET…]: configures once, then builds; quiet unless something fails. Progress on a terminal.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
log=build/$preset.log
mkdir -p build
fresh() { [ -f "build/$preset/build.ninja" ]; }
if ! fresh && ! cmake --preset "$preset" >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  exit 3
fi
echo "building $preset${*:+ ($*)}" >&2
if [ -t 2 ]; then
  cmake --build "build/$preset" --target "${@:-all}" 1>&2
elif ! cmake --build "build/$preset" --target "${@:-all}" >"$log" 2>&1; then
  grep -E -A 15 'FAILED|error:' "$log" | head -n 80 >&2 || tail -n 40 "$log" >&2
  exit 3
fi
