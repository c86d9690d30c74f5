#!/bin/sh
# Generates the protobuf-c code of proto/ into Sources/CFederationProto, or, for
# scripts/check-generated-code.sh, into the directory given as the one argument.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-$root/Sources/CFederationProto}

command -v protoc-c >/dev/null || {
  echo "generate-proto: protoc-c is not installed; run: apt-get install protobuf-c-compiler" >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

protoc-c --proto_path="$root/proto" --c_out="$work" federation/v1/federation.proto

# A C target of SwiftPM keeps its headers in include/ and its sources beside it.
mkdir -p "$target/include/federation/v1"
cp "$work/federation/v1/federation.pb-c.h" "$target/include/federation/v1/federation.pb-c.h"
cp "$work/federation/v1/federation.pb-c.c" "$target/federation.pb-c.c"
