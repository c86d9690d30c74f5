#!/usr/bin/env bash
# Counts the server's instructions for each request under callgrind and compares with bench/instructions.json, within
# 3 %. `--record` writes that file anew.
set -euo pipefail
cd "$(dirname "$0")/.."

built=$(scripts/build-release.sh federation-server federation-bench)
# Without debug information, which Debian's valgrind cannot read where Swift wrote it; the symbols stay.
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
cp "$built/federation-bench" "$bin"
strip --strip-debug -o "$bin/federation-server" "$built/federation-server"
PYTHONPATH=bench PYTHONDONTWRITEBYTECODE=1 python3 -m suite.instructions --bin "$bin" "$@"
