#!/usr/bin/env bash
# Checks that each relative link in the documents leads to a file, and each #fragment to a heading.
set -euo pipefail
cd "$(dirname "$0")/.."

python3 - <<'PYTHON'
import pathlib
import re
import subprocess
import sys

LINK = re.compile(r"\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")


def prose(path):
    """The document's lines with their numbers, less code blocks and code spans."""
    fenced = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, line


def fragments(path):
    """The anchors that a Markdown viewer makes of the headings."""
    for _, line in prose(path):
        heading = re.match(r"#+\s+(.*)", line)
        if heading:
            yield re.sub(r"[^\w\- ]", "", heading[1].strip().lower()).replace(" ", "-")


listing = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], check=True, capture_output=True, text=True
)
problems = []
for name in listing.stdout.splitlines():
    path = pathlib.Path(name)
    if not path.exists():
        continue
    for number, line in prose(path):
        for link in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if re.match(r"[a-z][a-z0-9+.-]*:", link):
                continue
            target, _, fragment = link.partition("#")
            file = (path.parent / target) if target else path
            if not file.exists():
                problems.append(f"{path}:{number}: no such file: {link}")
            elif fragment and file.suffix == ".md" and fragment not in fragments(file):
                problems.append(f"{path}:{number}: no such heading: {link}")

for problem in problems:
    print(problem, file=sys.stderr)
sys.exit(1 if problems else 0)
PYTHON
