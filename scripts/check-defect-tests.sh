#!/usr/bin/env bash
# Holds docs/SECURITY.md to its table of defects: each test file that a row links names the row's number.
set -euo pipefail
cd "$(dirname "$0")/.."

status=0
while read -r number file; do
  if ! grep -qE "\"${number}[:\"]" "$file"; then
    echo "docs/SECURITY.md: $file has no test named $number" >&2
    status=1
  fi
done < <(awk -F '|' '$2 ~ /^ D[0-9]+ $/ { print $2, $4 }' docs/SECURITY.md |
  while read -r number tests; do
    grep -oE '\]\([^)]*\)' <<<"$tests" | sed -E "s|\]\(\.\./(.*)\)|$number \1|" || true
  done)
exit "$status"
