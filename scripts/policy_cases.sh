#!/usr/bin/env bash
# policy_cases.sh [CASES [SEED]]: the engine and the naive evaluator on a million random policies and requests, and on as many
# as CASES says. Prints what the cases covered; fails, with a shrunk counterexample, where the two differ.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/build.sh release policy_test
GATEHOUSE_POLICY_CASES=${1:-1000000} GATEHOUSE_POLICY_SEED=${2:-$(date +%s)} GATEHOUSE_POLICY_SUMMARY=1 \
  exec nice build/release/src/policy_test --gtest_filter='Random.*:Properties.*'
