#!/usr/bin/env bash
# Builds Tests/KubernetesAPIServer, the tests' stand-in for the Kubernetes API server, into the file given as the one
# argument. It is Go's standard library alone, so nothing is fetched.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
output=$(realpath -m "${1:?usage: scripts/build-kubernetes-api-server.sh OUTPUT}")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export GO111MODULE=off GOFLAGS='' GOPATH=$work CGO_ENABLED=0
export GOCACHE=${GOCACHE:-$root/.build/go-cache}

mkdir -p "$work/src"
cp -r "$root/Tests/KubernetesAPIServer" "$work/src/kubernetes-api-server"
go vet kubernetes-api-server
go build -o "$output" kubernetes-api-server
