#!/usr/bin/env bash
# Makes, once, the Python environment of the peers that are written in it, Tests/GRPCPeer and Tests/JOSEPeer, in
# .build/grpc-venv, and prints its path.
# Fails when PyPI cannot be reached and the environment is not there yet.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=$PWD/.build/grpc-venv
if ! "$venv/bin/python" -c 'import grpc, grpc_tools, joserfc, jwcrypto' 2>/dev/null; then
  rm -rf "$venv"
  python3 -m venv "$venv" >&2
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'grpcio==1.85.*' 'grpcio-tools==1.85.*' \
    joserfc jwcrypto >&2
fi
echo "$venv"
