#!/usr/bin/env bash
# Installs the Debian packages that building and testing need, and only those that
# are missing: where all are there, it neither asks the network nor needs root.
set -euo pipefail

packages=(
  # what the Swift toolchain links and fetches with
  binutils gcc git libc6-dev libstdc++-12-dev pkg-config
  # libraries that the sources link
  libcurl4-openssl-dev libnghttp2-dev libpq-dev libprotobuf-c-dev libsqlite3-dev libssl-dev libyaml-dev zlib1g-dev
  # generated protobuf-c code
  protobuf-c-compiler protobuf-compiler
  # the Go peers: containerd's own ttrpc client, and Go's own gRPC
  golang-github-containerd-ttrpc-dev golang-go golang-google-grpc-dev golang-goprotobuf-dev
  # what scripts and tests run
  curl gdb nghttp2-client openssh-client openssl postgresql python3 python3-venv shellcheck valgrind
)

# Debian's kubectl is an old one: whoever has another keeps it.
command -v kubectl >/dev/null || packages+=(kubernetes-client)

"$(dirname "$0")/install-packages.sh" bootstrap "${packages[@]}"

if ! command -v swift >/dev/null; then
  echo "bootstrap: swift is not on PATH; install Swift 6.3 from https://www.swift.org/install/linux/" >&2
  echo "bootstrap: and put its usr/bin on PATH, for example: export PATH=/opt/swift/usr/bin:\$PATH" >&2
  exit 1
fi

version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
if [ "$(printf '6.3\n%s\n' "$version" | sort -V | head -n 1)" != 6.3 ]; then
  echo "bootstrap: Swift 6.3 or newer is needed, found ${version:-an unknown version}" >&2
  exit 1
fi
