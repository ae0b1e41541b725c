#!/usr/bin/env bash
# Installs what is missing and runs every test: formatting, rooms, unit tests as shipped and under the sanitizers, short fuzz
# runs, the suites that drive the server with real clients, the quickstart, and the commands of the documentation.
# The last line counts them.
set -uo pipefail
cd "$(dirname "$0")/.."
export CCACHE_DIR=${CCACHE_DIR:-$HOME/.cache/ccache}

passed=0 failed=0 skipped=0
started=$SECONDS
say() { printf '\n== %s (%d s)\n' "$*" $((SECONDS - started)); }

# check NAME COMMAND…: one test, its output shown when it fails.
check() {
  local name=$1 out
  shift
  out=$(mktemp)
  if "$@" >"$out" 2>&1; then
    passed=$((passed + 1))
    echo "ok    $name"
  else
    failed=$((failed + 1))
    echo "FAIL  $name"
    tail -n 150 "$out"
  fi
  rm -f "$out"
}

# suite NAME COMMAND…: a runner with a closing line of its own, counted from it.
suite() {
  local name=$1 out line
  shift
  out=$(mktemp)
  if "$@" >"$out" 2>&1; then echo "ok    $name"; else echo "FAIL  $name"; tail -n 200 "$out"; fi
  line=$(grep -E 'tests failed out of|[0-9]+ (passed|failed|error)' "$out" | tail -n 1)
  echo "      $line"
  grep -E '^SKIPPED' "$out" | sed 's/^/      /'
  if [[ $line =~ ([0-9]+)\ tests\ failed\ out\ of\ ([0-9]+) ]]; then
    failed=$((failed + BASH_REMATCH[1]))
    passed=$((passed + BASH_REMATCH[2] - BASH_REMATCH[1]))
  else
    local n
    n=$(grep -oE '[0-9]+ passed' <<<"$line" | tail -n 1) && passed=$((passed + ${n% *}))
    n=$(grep -oE '[0-9]+ skipped' <<<"$line" | tail -n 1) && skipped=$((skipped + ${n% *}))
    n=$(grep -oE '[0-9]+ failed' <<<"$line" | tail -n 1) && failed=$((failed + ${n% *}))
    n=$(grep -oE '[0-9]+ error' <<<"$line" | tail -n 1) && failed=$((failed + ${n% *}))
    [ -n "$line" ] || failed=$((failed + 1))
  fi
  rm -f "$out"
}

# A Python beside Debian's whose botocore is another one: the scripts run with both.
newer_python() {
  local python
  for python in $(type -aP python3); do
    [ "$(readlink -f "$python")" = "$(readlink -f /usr/bin/python3)" ] && continue
    "$python" -c 'import botocore, yaml' 2>/dev/null && echo "$python" && return
  done
  return 1
}

say "packages"
scripts/deps.sh test || exit 3

say "the tree"
check "formatting" scripts/check_format.sh
check "rooms include only downwards" scripts/check_rooms.sh

say "release build"
scripts/build.sh release || { echo "0 passed, 1 failed"; exit 1; }
suite "unit tests" ctest --test-dir build/release --output-on-failure -j2
check "the policy library alone" scripts/policy_library.sh

say "real clients"
suite "suites against the server" /usr/bin/python3 -m pytest -q -rs tests/api tests/clients tests/kube tests/terraform
newer=$(newer_python) && suite "scripts with $newer, $("$newer" -c 'import botocore; print("botocore", botocore.__version__)')" \
  "$newer" tests/api/run.py
check "quickstart" scripts/quickstart.sh
check "the documentation's commands" /usr/bin/python3 scripts/check_docs.py

say "address and undefined-behaviour sanitizers"
if scripts/build.sh asan; then
  suite "unit tests under the sanitizers" ctest --test-dir build/asan --output-on-failure -j2
  for target in build/asan/tests/fuzz/*_fuzz; do
    [ -x "$target" ] || continue
    check "fuzz $(basename "$target"), 20 s" scripts/fuzz.sh "$target" 20
  done
else
  failed=$((failed + 1))
fi

printf '\n%d s in all\n' $((SECONDS - started))
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
