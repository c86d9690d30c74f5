#!/usr/bin/env bash
# Builds everything and measures every figure of the benchmark suite; writes bench/results. Arguments go to the suite,
# for example `scripts/bench.sh --only "against the floor" --rounds 3`. `--bin DIR` measures programs that are built.
set -euo pipefail
cd "$(dirname "$0")/.."

arguments=("$@")
case " $* " in
*" --bin "* | *" --bin="* | *" --list "* | *" --help "*) ;;
*) arguments=(--bin "$(scripts/build-bench.sh)" "$@") ;;
esac
PYTHONPATH=bench PYTHONDONTWRITEBYTECODE=1 exec python3 -m suite "${arguments[@]}"
