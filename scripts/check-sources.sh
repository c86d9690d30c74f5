#!/usr/bin/env bash
# Rules of CONTRIBUTING.md that neither the compiler nor the formatter knows.
set -euo pipefail
cd "$(dirname "$0")/.."

python3 - <<'PYTHON'
import pathlib
import re
import sys

MAXIMUM_LINES = 350
# A promise to the compiler needs its proof, as a comment within this many lines.
PROOF_DISTANCE = 4
PROMISE = re.compile(r"@unchecked Sendable|nonisolated\(unsafe\)")
CRASH = re.compile(r"\btry!|\bas! ")

problems = []
for path in sorted(pathlib.Path("Sources").rglob("*.swift")):
    lines = path.read_text().splitlines()
    if len(lines) > MAXIMUM_LINES:
        problems.append(f"{path}: {len(lines)} lines, at most {MAXIMUM_LINES}: split it by idea")
    for number, line in enumerate(lines, 1):
        code = line.split("//")[0]
        if CRASH.search(code):
            problems.append(f"{path}:{number}: ends the process when it is wrong: handle the failure")
        if PROMISE.search(code):
            near = lines[max(0, number - 1 - PROOF_DISTANCE) : number + PROOF_DISTANCE]
            if not any(re.match(r"\s*//(?!/)", other) or "// " in other.split("///")[0] for other in near):
                problems.append(f"{path}:{number}: says to the compiler what no comment beside it proves")

for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
PYTHON
