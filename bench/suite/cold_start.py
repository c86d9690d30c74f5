"""Seconds from the start of the process to its `ready` line, with 10,000 manifests in as many files, on one core.

There is no peer: `ours` and `ratio` are seconds and seconds by the bound. The files are in the page cache, as they are
just written; what is timed is the server's own work, and not a disk's.
"""

from . import manifests, servers, verdict

NAME = "cold start to ready with 10,000 manifests, seconds"
BOUND = 1.0
MANIFESTS = 10_000


def measure(bench, rounds, progress):
    """The verdict."""
    directory = bench.work / "config-many"
    manifests.write(bench, directory, "--one-per-file", MANIFESTS)
    seconds = []
    for number in range(rounds):
        progress.step(f"cold start, round {number + 1}", f"{MANIFESTS} manifests")
        with servers.serving(bench, "ours", servers.ours(bench, directory)) as server:
            seconds.append(server.ready_seconds)
    return verdict.against_bound(NAME, seconds, BOUND, verdict.AT_MOST, "s")
