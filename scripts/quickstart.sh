#!/usr/bin/env bash
# From a fresh clone to a workload that runs under the role it was given: installs what is missing, builds, starts a server
# with a fresh data directory, walks the StreamSets document with the real aws and kubectl, and tries what must be refused.
#   scripts/quickstart.sh           exits 0 only if every line is as expected
#   scripts/quickstart.sh --keep    leaves the server running and prints what to export
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/deps.sh build
scripts/build.sh release gatehouse
exec /usr/bin/python3 scripts/quickstart.py "$@"
