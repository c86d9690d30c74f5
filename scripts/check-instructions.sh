#!/usr/bin/env bash
# Counts the server's instructions for each request under callgrind and compares with bench/instructions.json, within
# 3 %. `--record` writes that file anew.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$(scripts/build-release.sh federation-server federation-bench)
PYTHONPATH=bench PYTHONDONTWRITEBYTECODE=1 exec python3 -m suite.instructions --bin "$bin" "$@"
