#!/usr/bin/env bash
# Builds Tests/GoPeer into the file given as the one argument. Client stubs are generated from proto/
# by containerd's own plugin; it, the ttrpc client and gogo/protobuf are Debian's sources, so nothing is fetched.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
output=$(realpath -m "${1:?usage: scripts/build-go-peer.sh OUTPUT}")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# GOPATH mode: Debian ships Go libraries as sources, not as modules.
export GO111MODULE=off GOFLAGS='' GOPATH=$work:/usr/share/gocode
export GOCACHE=${GOCACHE:-$root/.build/go-cache}

go build -o "$work/protoc-gen-gogottrpc" github.com/containerd/ttrpc/cmd/protoc-gen-gogottrpc
mkdir -p "$work/src"
protoc --proto_path="$root/proto" --plugin="$work/protoc-gen-gogottrpc" \
  --gogottrpc_out=plugins=ttrpc,import_path=federationv1:"$work/src" federation/v1/federation.proto

cp -r "$root/Tests/GoPeer" "$work/src/gopeer"
go vet gopeer
go build -o "$output" gopeer
