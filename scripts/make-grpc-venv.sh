#!/usr/bin/env bash
# Makes, once, the Python environment of the peers that are written in it, Tests/GRPCPeer, Tests/HTTP2Peer,
# Tests/JOSEPeer, Tests/TLSPeer, Tests/WorkloadAPIPeer, Tests/VaultServer, Tests/AWSServer, Tests/GCPServer and
# Tests/MetricsPeer, in .build/grpc-venv, and prints its path.
# Fails when PyPI cannot be reached and the environment is not there yet.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=$PWD/.build/grpc-venv
packages=(
  'grpcio==1.85.*' 'grpcio-tools==1.85.*' 'grpcio-health-checking==1.85.*' 'grpcio-reflection==1.85.*'
  'h2==4.*' 'hyperframe==6.*' 'hpack==4.*' 'joserfc' 'jwcrypto' 'sslyze==6.*' 'spiffe==0.3.*' 'hvac==2.*'
  'moto==5.*' 'flask==3.*' 'flask-cors==6.*' 'pyyaml==6.*' 'google-cloud-secret-manager==2.*' 'requests==2.*'
  'prometheus-client==0.*'
)
# What was asked for is written down in it, so that a longer list makes it anew.
wanted=$(printf '%s\n' "${packages[@]}")
if [ "$(cat "$venv/packages" 2>/dev/null)" != "$wanted" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv" >&2
  "$venv/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}" >&2
  echo "$wanted" >"$venv/packages"
fi
echo "$venv"
