"""Rows of the table that set two servers side by side under a load, and the rounds that measure them.

Each round runs every side once, in the order of the table, with a server that was started for it: ours, peer, ours, ...
Rows that share a side, as all at 16x32 share ours, share its runs.
"""

import dataclasses
from collections.abc import Callable

from . import interleave, load, servers, verdict
from .load import Load


@dataclasses.dataclass(frozen=True)
class Side:
    """A server, by the name that `servers` knows, and what it is asked."""

    server: str
    load: Load

    @property
    def name(self):
        """For progress and file names."""
        size = "" if self.load.value_size == 64 else f"-{self.load.value_size}B"
        kind = "" if self.load.identity == "token" else f"-{self.load.identity}"
        rate = "" if self.load.rate is None else f"-rate{self.load.rate:.0f}"
        return f"{self.server}-{self.load.wire}-{self.load.connections}x{self.load.in_flight}{kind}{size}{rate}"


@dataclasses.dataclass(frozen=True)
class Comparison:
    """One row: ours and the peer's, the figure taken of each run, and the bound of their ratio."""

    name: str
    ours: Side
    peer: Side
    bound: float
    direction: str = verdict.AT_LEAST
    figure: Callable = load.per_cpu_second
    unit: str = "requests/server CPU s"


def run_side(bench, side):
    """Starts the side's server, loads it, stops it."""
    if side.server == "ours":
        command = servers.ours(bench, bench.config(side.load.value_size))
    else:
        command = servers.peer(bench, side.server, side.load.value_size)
    with servers.serving(bench, side.server, command) as server:
        return load.run(bench, server, side.load, side.name)


def with_seconds(side, seconds):
    """The same side, measured for `seconds`."""
    return dataclasses.replace(side, load=dataclasses.replace(side.load, seconds=seconds))


def measure(bench, rows, rounds, seconds, progress):
    """The verdicts on `rows`, in their order."""
    sides = {}
    for row in rows:
        for side in (row.ours, row.peer):
            timed = with_seconds(side, seconds)
            sides.setdefault(side, lambda number, timed=timed: run_side(bench, timed))
    results = interleave.rounds(rounds, sides, lambda number, side: progress.step(f"round {number + 1}", side.name))
    return [
        verdict.against_peer(
            row.name, [row.figure(result) for result in results[row.ours]],
            [row.figure(result) for result in results[row.peer]], row.bound, row.direction, row.unit,
        )
        for row in rows
    ]
