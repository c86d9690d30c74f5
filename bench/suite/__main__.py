"""`make bench` and `make bench-quick`: measures, prints, writes bench/results; status 1 when a bound is not held."""

import argparse
import pathlib
import resource
import shlex
import signal
import subprocess
import sys

from . import environment, fresh_tokens, machine, matrix, open_loop, plan, plots, processes, report, rows
from .failure import StepFailed
from .progress import Progress

ROOT = pathlib.Path(__file__).resolve().parents[2]


def arguments(words):
    """The command line."""
    parser = argparse.ArgumentParser(prog="suite", description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "bench" / ".build", metavar="DIR")
    parser.add_argument("--quick", action="store_true", help="the first four rows of the table only, in 90 s")
    parser.add_argument("--only", metavar="TEXT", help="only rows whose name has TEXT in it; `matrix` for the matrix")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of each row instead of the plan's")
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "bench" / "results", metavar="DIR")
    nginx = ROOT / "bench" / "peers" / "nginx-peer.sh"
    parser.add_argument("--nginx", type=pathlib.Path, default=nginx, metavar="FILE", help="starts the nginx peer")
    parser.add_argument("--list", action="store_true", help="print the rows' names and end")
    parsed = parser.parse_args(words)
    if parsed.rounds is not None and parsed.rounds < 1:
        parser.error("--rounds takes a number from 1")
    return parsed


def allow_descriptors():
    """Raises the limit of open files as far as it goes; the children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def commit():
    """What is measured, as git names it."""
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "not known"


def run(options, chosen, progress):
    """Measures what was asked for and writes it; the verdicts."""
    def wanted(name):
        return options.only is None or options.only.lower() in name.lower()

    names = [row.name for row in [*chosen.comparisons, *chosen.singles]]
    with_matrix = chosen.matrix and wanted("matrix")
    if not with_matrix and not any(map(wanted, names)):
        raise StepFailed("--only", f"no row has {options.only!r} in its name; --list names them")
    described = machine.description(shlex.join(["python3", "-m", "suite", *sys.argv[1:]]), commit())
    fresh = fresh_tokens.TOKENS if fresh_tokens.NAME in filter(wanted, names) else 0
    progress.step("preparing", f"certificates and {environment.SUBJECTS + fresh} tokens")
    with environment.prepared(
        options.bin.resolve(), options.nginx.resolve(), options.results.resolve() / "raw", fresh
    ) as bench:
        verdicts = rows.measure(bench, chosen, wanted, progress)
        save(options, verdicts, described, progress)
        if with_matrix:
            cells = matrix.measure(bench, progress)
            points = open_loop.measure(bench, cells, progress)
            report.write_json(options.results / "matrix.json", {"cells": cells, "open_loop": points})
            plots.draw(bench, cells, points, options.results)
    return verdicts


def save(options, verdicts, described, progress):
    """The files of a full run; a quick one, and one of some rows, only prints and leaves its figures in raw/."""
    entries = [each.entry() for each in verdicts]
    described["seconds_for_rows"] = round(progress.seconds)
    described["rows"] = [each.details() for each in verdicts]
    whole = not options.quick and options.only is None
    folder = options.results if whole else options.results / "raw"
    report.write_json(folder / "latest.json", entries)
    report.write_json(folder / "environment.json", described)


def main(words):
    """Exit status: 0 when every bound holds, 1 when one does not, 2 when the run failed."""
    options = arguments(words)
    chosen = plan.quick(options.rounds) if options.quick else plan.full(options.rounds)
    if options.list:
        print("\n".join(row.name for row in [*chosen.comparisons, *chosen.singles]))
        return 0
    # The default ends the program without ending its children.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    processes.pin_self()
    allow_descriptors()
    try:
        verdicts = run(options, chosen, Progress())
    except StepFailed as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 2
    if verdicts:
        print(report.table(verdicts))
    missed = [each.name for each in verdicts if not each.holds]
    for name in missed:
        print(f"bench: not held: {name}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
