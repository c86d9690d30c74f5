#!/usr/bin/env bash
# Tests the benchmark suite's own logic: nothing is measured and nothing built.
set -euo pipefail
cd "$(dirname "$0")/../bench"

PYTHONDONTWRITEBYTECODE=1 python3 -m unittest discover --start-directory suite/tests --top-level-directory . "$@"
