#!/usr/bin/env bash
# Every C++ file is as clang-format 19 would write it.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files '*.cc' '*.h' | xargs -r clang-format-19 --dry-run --Werror
