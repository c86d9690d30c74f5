#!/usr/bin/env bash
# Installs the Debian packages that building and testing need, and only those that
# are missing: where all are there, it neither asks the network nor needs root.
set -euo pipefail

packages=(
  # what the Swift toolchain links and fetches with
  gcc git libc6-dev libstdc++-12-dev pkg-config
  # libraries that the sources link
  libcurl4-openssl-dev libprotobuf-c-dev libsqlite3-dev libssl-dev libyaml-dev
  # generated protobuf-c code
  protobuf-c-compiler protobuf-compiler
  # the Go peer: containerd's own ttrpc client
  golang-github-containerd-ttrpc-dev golang-go
  # what scripts and tests run
  curl openssl python3 shellcheck valgrind
)

missing=()
for package in "${packages[@]}"; do
  # shellcheck disable=SC2016 # the braces are dpkg-query's, not the shell's
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=absent
  [ "$status" = installed ] || missing+=("$package")
done

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 --quiet --yes "$@"
}

# A mirror that changes while it is read fails once and is right a moment later.
retrying() {
  local attempt
  for attempt in 1 2 3; do
    "$@" && return
    echo "bootstrap: attempt $attempt failed: $*" >&2
    sleep $((attempt * 5))
  done
  echo "bootstrap: giving up; install by hand: apt-get install ${missing[*]}" >&2
  return 1
}

if [ "${#missing[@]}" -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "bootstrap: this is not a Debian system; install the equivalents of: ${missing[*]}" >&2
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "bootstrap: as root, run: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  echo "bootstrap: installing ${missing[*]}"
  retrying apt update
  retrying apt install --no-install-recommends "${missing[@]}"
fi

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
