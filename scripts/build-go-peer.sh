#!/usr/bin/env bash
# Builds a Go client into a file: Tests/GoPeer for ttrpc, Tests/GoGRPCPeer for grpc. Client stubs are generated from proto/
# by containerd's own plugin or Debian's protoc-gen-go; all of it is Debian's sources, so nothing is fetched.
set -euo pipefail
usage="usage: scripts/build-go-peer.sh ttrpc|grpc OUTPUT"
root=$(cd "$(dirname "$0")/.." && pwd)
wire=${1:?$usage}
output=$(realpath -m "${2:?$usage}")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# GOPATH mode: Debian ships Go libraries as sources, not as modules.
export GO111MODULE=off GOFLAGS='' GOPATH=$work:/usr/share/gocode
export GOCACHE=${GOCACHE:-$root/.build/go-cache}

case $wire in
ttrpc)
  source=GoPeer
  go build -o "$work/protoc-gen-gogottrpc" github.com/containerd/ttrpc/cmd/protoc-gen-gogottrpc
  stubs=(--plugin="$work/protoc-gen-gogottrpc" "--gogottrpc_out=plugins=ttrpc,import_path=federationv1:$work/src")
  ;;
grpc)
  source=GoGRPCPeer
  stubs=("--go_out=plugins=grpc,import_path=federationv1:$work/src")
  ;;
*)
  echo "$usage" >&2
  exit 2
  ;;
esac
mkdir -p "$work/src"
protoc --proto_path="$root/proto" "${stubs[@]}" federation/v1/federation.proto

cp -r "$root/Tests/$source" "$work/src/gopeer"
go vet gopeer
go build -o "$output" gopeer
