#!/usr/bin/env bash
# Builds everything and runs every test, with the benchmark suite's own tests and the count of instructions first.
# Arguments go to `swift test`, for example `scripts/test.sh --filter TTRPCTests`, and then that alone is run. The
# end-to-end tests build and run the Go peer.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$#" -eq 0 ]; then
  scripts/test-bench-suite.sh
  scripts/check-instructions.sh
fi
swift build --build-tests
# XCTest is off because every suite is a Swift Testing one; on, it would close with "Executed 0 tests".
# One test at a time: hundreds at once on two cores starve each other into their time limits, and a port that one
# test has let go of is taken by the next.
swift test --skip-build --disable-xctest --no-parallel "$@"
