#!/bin/sh
# Fails when the committed protobuf-c code is not what proto/ gives.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

"$root/scripts/generate-proto.sh" "$fresh"

status=0
for file in federation.pb-c.c include/federation/v1/federation.pb-c.h file_descriptors.c; do
  diff -u "$root/Sources/CFederationProto/$file" "$fresh/$file" || status=1
done
if [ "$status" -ne 0 ]; then
  echo "check-generated-code: Sources/CFederationProto is not what proto/ gives; run: make proto" >&2
fi
exit "$status"
