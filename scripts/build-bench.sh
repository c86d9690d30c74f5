#!/usr/bin/env bash
# Builds what the benchmark suite runs, the peers included, into bench/.build. The last line printed is that folder.
set -euo pipefail
cd "$(dirname "$0")/.."

output=$PWD/bench/.build
mkdir -p "$output"
bench/peers/build.sh "$output" >&2
programs=(federation-server federation-bench)
bin=$(scripts/build-release.sh "${programs[@]}")
for program in "${programs[@]}"; do ln -sf "$bin/$program" "$output/$program"; done
echo "$output"
