#!/usr/bin/env bash
# Builds the programs named, optimised and with the Swift runtime linked in, so that they need
# only Debian's libraries where they run. The last line printed is their folder.
set -euo pipefail
cd "$(dirname "$0")/.."

# The tests run with exclusivity checked at run time; checked again on each access in a server, it takes two fifths of
# the instructions of a call (docs/PERFORMANCE.md).
options=(--configuration release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked)
for program in "$@"; do
  swift build "${options[@]}" --product "$program" >&2
done
swift build --configuration release --show-bin-path
