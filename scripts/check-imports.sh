#!/usr/bin/env bash
# Holds the sources to Package.swift: its targets stand in layer order, and a file imports only
# what its target declares. Tests may also import what their targets' dependencies declare.
set -euo pipefail
cd "$(dirname "$0")/.."

manifest=$(mktemp)
trap 'rm -f "$manifest"' EXIT
swift package dump-package >"$manifest"

python3 - "$manifest" <<'PYTHON'
import json
import pathlib
import re
import sys

# Modules of the toolchain. Foundation itself is for tests only: it brings ICU into the programs.
TOOLCHAIN = {"Swift", "Synchronization", "FoundationEssentials", "Glibc"}
TOOLCHAIN_FOR_TESTS = TOOLCHAIN | {"Foundation", "Testing"}

IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:struct|class|enum|protocol|typealias|func|var|let)\s+)?(\w+)"
)

with open(sys.argv[1]) as file:
    targets = json.load(file)["targets"]

problems = []
declared = {}
for target in targets:
    name = target["name"]
    dependencies = [next(iter(d.values()))[0] for d in target["dependencies"]]
    for dependency in dependencies:
        if dependency not in declared:
            problems.append(f"Package.swift: {name} depends on {dependency}, which stands below it")
    declared[name] = dependencies


def closure(name):
    found, waiting = set(), [name]
    while waiting:
        for dependency in declared.get(waiting.pop(), []):
            if dependency not in found:
                found.add(dependency)
                waiting.append(dependency)
    return found


for target in targets:
    name, is_test = target["name"], target["type"] == "test"
    folder = pathlib.Path(target.get("path") or ("Tests" if is_test else "Sources")) / ("" if target.get("path") else name)
    in_tests = folder.parts[0] == "Tests"
    allowed = (closure(name) | TOOLCHAIN_FOR_TESTS) if in_tests else (set(declared[name]) | TOOLCHAIN)
    for path in sorted(folder.rglob("*.swift")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = IMPORT.match(line)
            # A program's module is called like its target, but for the dashes.
            if match and match[1] not in {module.replace("-", "_") for module in allowed}:
                problems.append(f"{path}:{number}: {name} may not import {match[1]}: Package.swift does not give it that")

for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
PYTHON
