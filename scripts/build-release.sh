#!/usr/bin/env bash
# Builds the programs named, optimised and with the Swift runtime linked in, so that they need
# only Debian's libraries where they run. The last line printed is their folder.
set -euo pipefail
cd "$(dirname "$0")/.."

options=(--configuration release --static-swift-stdlib)
for program in "$@"; do
  swift build "${options[@]}" --product "$program" >&2
done
swift build "${options[@]}" --show-bin-path
