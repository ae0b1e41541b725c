#!/usr/bin/env bash
# Installs what building, or testing, needs on Debian 12: `deps.sh build` or `deps.sh test`. Says nothing when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

what=${1:-build}

build=(g++ cmake ninja-build ccache mold git ca-certificates
  libboost1.81-dev libboost-json1.81-dev libssl-dev libfmt-dev libspdlog-dev libpugixml-dev libyaml-cpp-dev libcli11-dev
  librocksdb-dev libre2-dev libzstd-dev zlib1g-dev libgtest-dev libgmock-dev libbenchmark-dev)
run=(procps awscli python3 python3-boto3 faketime openssl curl)
test=(clang-19 clang-format-19 clang-tidy-19 lld-19 llvm-19 libclang-rt-19-dev
  python3-pytest python3-yaml nginx-light wrk s3cmd rclone s3fs)

wanted=("${build[@]}" "${run[@]}")
[ "$what" = test ] && wanted+=("${test[@]}")

# Node and npm: whatever is there already serves, from 18 on; a version manager's own is never replaced.
node_major() { node --version 2>/dev/null | sed 's/^v//; s/\..*//'; }
if ! command -v npm >/dev/null || [ "$(node_major)" -lt 18 ]; then wanted+=(nodejs npm); fi

# kubectl: Debian's own, unless the path /usr/bin/kubectl belongs to another package already.
if [ ! -e /usr/bin/kubectl ]; then wanted+=(kubernetes-client); fi

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  [ "${status:0:2}" = ii ] || missing+=("$package")
done
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Where another package has the place of Debian's kubectl, the tests run Debian's from here.
debian_kubectl=build/tools/kubernetes-client
unpack_kubectl() {
  local place
  place=$(mktemp -d)
  (cd "$place" && apt-get download -q kubernetes-client && dpkg -x ./*.deb unpacked) &&
    mkdir -p build/tools && rm -rf "$debian_kubectl" && mv "$place/unpacked" "$debian_kubectl"
  local outcome=$?
  rm -rf "$place"
  return $outcome
}
needs_kubectl() {
  [ "$what" = test ] && [ ! -x "$debian_kubectl/usr/bin/kubectl" ] &&
    ! dpkg -S /usr/bin/kubectl 2>/dev/null | grep -q '^kubernetes-client:' && [ -e /usr/bin/kubectl ]
}
if needs_kubectl && ! unpack_kubectl >"$log" 2>&1; then
  as_root apt-get update -q >>"$log" 2>&1
  unpack_kubectl >>"$log" 2>&1 || { tail -n 5 "$log" >&2; echo "deps.sh: Debian's kubectl could not be had" >&2; exit 3; }
fi
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing ${#missing[@]} packages: ${missing[*]}" >&2
install() {
  as_root apt-get update -q &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
}
if ! install >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "deps.sh: the packages could not be installed" >&2
  exit 3
fi
