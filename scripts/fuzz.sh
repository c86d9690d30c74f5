#!/usr/bin/env bash
# fuzz.sh [TARGET...]: fuzzes the targets of Tests/FuzzTests, or those named, FUZZ_SECONDS (60) each, under libFuzzer and
# AddressSanitizer, from the corpus in Tests/FuzzCorpus. FUZZ_SECONDS=34 makes 30 minutes of all. Inputs that reach new
# code are kept in .build/fuzz/corpus for the next run; one that breaks something is kept in .build/fuzz/findings, and
# belongs into Tests/FuzzCorpus when it is mended, where `make test` replays it.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-60}
scratch=.build/fuzz

# libFuzzer without its main: the program's own chooses the target.
resources=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
libfuzzer=$resources/clang/lib/linux/libclang_rt.fuzzer_no_main-$(uname -m).a
if [ ! -e "$libfuzzer" ]; then
  echo "fuzz: the Swift toolchain has no $libfuzzer; install the whole one from https://www.swift.org/install/linux/" >&2
  exit 1
fi

export FEDERATION_FUZZ=1
options=(
  --scratch-path "$scratch" --configuration release --sanitize=address --product fuzz -debug-info-format none
  # The targets test what modules keep to themselves.
  -Xswiftc -enable-testing
  -Xswiftc "-sanitize-coverage=edge,indirect-calls,trace-cmp,inline-8bit-counters,pc-table"
  -Xlinker "$libfuzzer" -Xlinker -lstdc++
)
swift build "${options[@]}" >"/dev/stderr"
program=$(swift build "${options[@]}" --show-bin-path)/fuzz

targets=("$@")
[ "${#targets[@]}" -gt 0 ] || mapfile -t targets < <("$program" list)

# What targets write goes away with the run. Swift's own reports of crashes would wait for a debugger's answer.
TMPDIR=$(mktemp -d)
export TMPDIR SWIFT_BACKTRACE=enable=no
trap 'rm -rf "$TMPDIR"' EXIT
# Swift keeps an enum's case in the spare bits of a pointer, which LeakSanitizer then takes for none. A leak that matters
# runs into the limit of memory instead.
export ASAN_OPTIONS=detect_leaks=0

mkdir -p "$scratch/findings" "$scratch/logs"
failed=()
printf '%-34s %12s %10s %8s\n' target inputs per-second edges
for target in "${targets[@]}"; do
  mkdir -p "$scratch/corpus/$target"
  log=$scratch/logs/$target.log
  "$program" "$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 -max_len=65536 -detect_leaks=0 \
    -print_final_stats=1 -artifact_prefix="$scratch/findings/$target-" "$scratch/corpus/$target" "Tests/FuzzCorpus/$target" \
    >"$log" 2>&1 || failed+=("$target")
  awk -v target="$target" '
    /^stat::number_of_executed_units:/ { inputs = $2 }
    /^stat::average_exec_per_sec:/ { speed = $2 }
    match($0, / cov: [0-9]+/) { edges = substr($0, RSTART + 6, RLENGTH - 6) }
    END { printf "%-34s %12s %10s %8s\n", target, inputs, speed, edges }' "$log"
done

for target in ${failed[@]+"${failed[@]}"}; do
  echo "fuzz: $target: $(grep -m 1 -E 'does not hold|ERROR|SUMMARY' "$scratch/logs/$target.log"); see $scratch/logs/$target.log" >&2
done
[ "${#failed[@]}" -eq 0 ] || exit 1
