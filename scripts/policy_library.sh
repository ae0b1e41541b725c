#!/usr/bin/env bash
# Builds the policy library alone, in the project of someone who embeds it, and runs that project's tests.
set -euo pipefail
cd "$(dirname "$0")/.."
installed=()
[ -f build/release/npm/installed ] && installed=("-DGATEHOUSE_NPM=$PWD/build/release/npm")
cmake -S examples/embed -B build/embed -G Ninja -DCMAKE_CXX_COMPILER_LAUNCHER=ccache "${installed[@]}"
cmake --build build/embed
# No room above it, no server, no store.
if find build/embed -name 'libgh_*.a' | grep -vE 'libgh_(base|policy)\.a$'; then
  echo "more than base and policy was built" >&2
  exit 1
fi
ctest --test-dir build/embed --output-on-failure
