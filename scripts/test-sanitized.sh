#!/usr/bin/env bash
# test-sanitized.sh address|thread [ARGUMENT...]: builds everything with AddressSanitizer or ThreadSanitizer, in a folder of
# its own below .build, and runs the tests under it; the arguments go to `swift test`. It fails when a test does, or when a
# sanitizer reports anything in a test or in a program that a test starts. Which tests are left out, and which reports
# are, stands with its reason in scripts/sanitizers.
set -euo pipefail
cd "$(dirname "$0")/.."

sanitizer=${1:?which sanitizer? address or thread}
shift
case $sanitizer in
address) scratch=.build/asan ;;
thread) scratch=.build/tsan ;;
*)
  echo "test-sanitized: there is address and thread, not $sanitizer" >&2
  exit 2
  ;;
esac

options=(--sanitize="$sanitizer" --scratch-path "$scratch" -debug-info-format none)
swift build "${options[@]}" --build-tests

skipped=()
while read -r pattern; do skipped+=(--skip "$pattern"); done < <(grep -v -e '^#' -e '^$' "scripts/sanitizers/$sanitizer-skipped")

# Into files: what a program that a test started says is the test's to read, and must not be lost there.
reports=$PWD/$scratch/reports
rm -rf "$reports"
mkdir -p "$reports"
# Swift's runtime and OpenSSL keep what they made to the end of the process: whether all of it can be reached is not asked.
export ASAN_OPTIONS=detect_leaks=0:log_path=$reports/report
if [ "$sanitizer" = thread ]; then
  shim=$PWD/$scratch/mutex.so
  "$(dirname "$(command -v swiftc)")/clang" -shared -fPIC -O1 -Wall -Werror -o "$shim" scripts/sanitizers/mutex.c
  export LD_PRELOAD=$shim
fi
export TSAN_OPTIONS=suppressions=$PWD/scripts/sanitizers/thread-suppressions:log_path=$reports/report
# Swift's own report of a crash would wait for a debugger's answer.
export SWIFT_BACKTRACE=enable=no
status=0
swift test "${options[@]}" --skip-build --disable-xctest --no-parallel ${skipped[@]+"${skipped[@]}"} "$@" || status=$?

for report in "$reports"/*; do
  # Of a program that its test killed as it began to say something there is a file with nothing in it.
  [ -s "$report" ] || continue
  status=1
  echo "test-sanitized: $report:" >&2
  head -n 40 "$report" >&2
done
exit "$status"
