#!/usr/bin/env bash
# Formats the Swift and Go sources in place.
set -euo pipefail
cd "$(dirname "$0")/.."

swift format format --in-place --parallel --recursive Package.swift Sources Tests bench
gofmt -w Tests/GoPeer Tests/GoGRPCPeer Tests/KubernetesAPIServer bench/peers/go
