#!/usr/bin/env bash
# install-packages.sh WHO PACKAGE...: installs those of the Debian packages that are missing, in the name of WHO, and
# starts no service of theirs. Where all are there, it neither asks the network nor needs root.
set -euo pipefail

who=$1
shift

missing=()
for package in "$@"; do
  # shellcheck disable=SC2016 # the braces are dpkg-query's, not the shell's
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=absent
  [ "$status" = installed ] || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi

if ! command -v apt-get >/dev/null; then
  echo "$who: this is not a Debian system; install the equivalents of: ${missing[*]}" >&2
  exit 1
fi
if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
  echo "$who: as root, run: apt-get install ${missing[*]}" >&2
  exit 1
fi

# Debian starts nginx as a service on port 80 when it is installed, unless a policy forbids it.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 --quiet --yes "$@"
}

# A mirror that changes while it is read fails once and is right a moment later.
retrying() {
  local attempt
  for attempt in 1 2 3; do
    "$@" && return
    echo "$who: attempt $attempt failed: $*" >&2
    sleep $((attempt * 5))
  done
  echo "$who: giving up; install by hand: apt-get install ${missing[*]}" >&2
  return 1
}

echo "$who: installing ${missing[*]}"
retrying apt update
retrying apt install --no-install-recommends "${missing[@]}"
