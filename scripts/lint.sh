#!/usr/bin/env bash
# Runs every check, goes on after one that fails, and fails at the end if any did.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

failed=()

check() {
  local name=$1
  shift
  if "$@"; then
    echo "lint: $name: ok"
  else
    echo "lint: $name: FAILED" >&2
    failed+=("$name")
  fi
}

go_format() {
  local unformatted
  unformatted=$(gofmt -l Tests/GoPeer Tests/GoGRPCPeer Tests/KubernetesAPIServer bench/peers/go) || return 1
  [ -z "$unformatted" ] && return
  echo "not formatted, run make format: $unformatted" >&2
  return 1
}

check "swift format" swift format lint --strict --parallel --recursive Package.swift Sources Tests bench
check "imports" scripts/check-imports.sh
check "sources" scripts/check-sources.sh
check "generated code" scripts/check-generated-code.sh
check "links" scripts/check-links.sh
check "defect tests" scripts/check-defect-tests.sh
check "shell scripts" shellcheck scripts/*.sh bench/peers/*.sh deploy/demo/*.sh .ci/run
check "go format" go_format

if [ "${#failed[@]}" -gt 0 ]; then
  echo "lint: failed: ${failed[*]}" >&2
  exit 1
fi
