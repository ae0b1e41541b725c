#!/usr/bin/env bash
# Builds and installs the policy library alone, then a program of someone who embeds it, and runs that program's tests.
set -euo pipefail
cd "$(dirname "$0")/.."
installed=()
[ -f build/release/npm/installed ] && installed=("-DGATEHOUSE_NPM=$PWD/build/release/npm")
prefix=$PWD/build/library/install
cmake -S . -B build/library -G Ninja -DGATEHOUSE_LIBRARY_ONLY=ON -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" \
  -DCMAKE_CXX_COMPILER_LAUNCHER=ccache "${installed[@]}"
cmake --build build/library
cmake --install build/library
# No room above it, no server, no store.
if find build/library -name 'libgh_*.a' -o -name gatehouse -type f | grep -vE 'libgh_(base|policy)\.a$'; then
  echo "more than base and policy was built" >&2
  exit 1
fi
cmake -S examples/embed -B build/embed -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
cmake --build build/embed
ctest --test-dir build/embed --output-on-failure
