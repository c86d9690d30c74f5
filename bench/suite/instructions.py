"""Instructions that one request costs inside the server's own code, counted by callgrind and held to what is recorded.

Times on a shared machine differ by a fifth from one minute to the next; these counts are the same on each run of the
same binary. Counted is what stands in the server's binary, the Swift runtime with it. OpenSSL and libc are left out:
they choose their code by the processor.

A server is started twice for each case and asked N calls and then more, one at a time; the difference leaves the start
out. `python3 -m suite.instructions --bin DIR` checks, with `--record` it writes bench/instructions.json anew.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import sys
import tempfile

from . import environment, load, processes, programs, servers
from .failure import StepFailed

RECORD = pathlib.Path(__file__).resolve().parent.parent / "instructions.json"
# How far a count may be from the recorded one.
TOLERANCE = 0.03
VALGRIND_SECONDS = 300


@dataclasses.dataclass(frozen=True)
class Case:
    """One kind of request, asked `few` times in one run and `many` in another."""

    name: str
    load: load.Load
    few: int = 500
    many: int = 3_500
    extra: tuple = ()
    subjects: int = environment.USUAL_SUBJECTS


def cases(bench):
    one = load.Load(connections=1, in_flight=1)
    fresh = ("--new-tokens", "100", "--fresh-tokens", bench.issuer.fresh)
    return [
        Case("ttrpc, token in each call", one),
        Case("ttrpc, identity bound", dataclasses.replace(one, identity="bound")),
        Case("HTTP gateway, token in each call", dataclasses.replace(one, wire="http")),
        Case(
            "ttrpc, never-seen token", one, few=100, many=500, extra=fresh, subjects=environment.SUBJECTS,
        ),
    ]


def self_cost(text, binary):
    """Instructions of functions in `binary`, from a callgrind.out file; what they call elsewhere is not theirs."""
    names = {}
    current = None
    total = 0
    skip = False
    for line in text.splitlines():
        if skip:
            # The line after calls= is what the callee cost.
            skip = False
        elif match := re.match(r"ob=\((\d+)\)(?: (.*))?$", line):
            if match[2]:
                names[match[1]] = match[2]
            current = names.get(match[1], "")
        elif match := re.match(r"cob=\((\d+)\)(?: (.*))?$", line):
            if match[2]:
                names[match[1]] = match[2]
        elif line.startswith("calls="):
            skip = True
        elif current == binary and (match := re.match(r"[+*-]?\d* (\d+)$", line)):
            total += int(match[1])
    if binary not in names.values():
        raise ValueError(f"no object {binary}")
    return total


def counted(bench, case, calls):
    """Instructions inside the server's binary over its whole life, with so many calls in it."""
    binary = bench.programs.path(programs.SERVER).resolve()
    output = bench.work / "callgrind.out"
    output.unlink(missing_ok=True)
    # With hash seeds of its own each process would do other work.
    command = [
        "env", "SWIFT_DETERMINISTIC_HASHING=1", "valgrind", "--tool=callgrind", f"--callgrind-out-file={output}",
        *servers.ours(bench, bench.config(64, case.subjects)),
    ]
    command[command.index(bench.programs.path(programs.SERVER))] = binary
    step = f"{case.name}, {calls} calls"
    with servers.serving(bench, "callgrind", command, VALGRIND_SECONDS) as server:
        asked = dataclasses.replace(case.load, seconds=VALGRIND_SECONDS, extra=("--calls", calls, *case.extra))
        finished = load.command(bench, server, asked, bench.raw / "load.json")
        processes.finish(step, finished, bench.log("load"), processes.LOAD_CORE, VALGRIND_SECONDS)
    return self_cost(output.read_text(), str(binary))


def measure(bench):
    """Instructions for each request, by case."""
    found = {}
    for case in cases(bench):
        difference = counted(bench, case, case.many) - counted(bench, case, case.few)
        found[case.name] = round(difference / (case.many - case.few))
        print(f"{case.name}: {found[case.name]} instructions a request", flush=True)
    return found


def faults(found, recorded):
    """What is wrong with the counts, a line each: dearer, cheaper, or never recorded."""
    lines = []
    for name, count in found.items():
        known = recorded.get(name)
        if known is None:
            lines.append(f"{name}: {count}, and nothing recorded")
        elif abs(count - known) > known * TOLERANCE:
            word = "dearer" if count > known else "cheaper"
            lines.append(f"{name}: {count} instructions, recorded {known}: {count / known - 1:+.1%}, {word}")
    return lines + [f"{name}: recorded, and not measured" for name in recorded if name not in found]


def main():
    parser = argparse.ArgumentParser(description="count the server's instructions for each request")
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="folder of the release programs")
    parser.add_argument("--record", action="store_true", help="write bench/instructions.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="federation-instructions-") as folder:
        raw = pathlib.Path(folder) / "raw"
        try:
            with environment.prepared(options.bin, pathlib.Path("none"), raw, fresh=1_000) as bench:
                found = measure(bench)
        except StepFailed as error:
            print(error, file=sys.stderr)
            return 2
    if options.record:
        RECORD.write_text(json.dumps(found, indent=2) + "\n")
        return 0
    wrong = faults(found, json.loads(RECORD.read_text()))
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        print("if that is meant, record it: scripts/check-instructions.sh --record", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
