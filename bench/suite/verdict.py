"""A figure held to its bound: the entries of latest.json.

`ratio` is the median over the rounds of ours/peer. A figure without a peer (cold start, memory of a connection) has
`peer` null and is reported against its bound: its `ratio` is ours/bound. `holds` compares `ratio` with `bound` in the
first case and `ours` with `bound` in the second.
"""

import dataclasses

from . import interleave

AT_LEAST = "at least"
AT_MOST = "at most"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """One row of the issue's table, measured."""

    name: str
    ours: float
    peer: float | None
    ratio: float
    bound: float
    direction: str
    holds: bool
    unit: str
    rounds: tuple

    def entry(self):
        """As latest.json has it."""
        return {
            "name": self.name,
            "ours": rounded(self.ours),
            "peer": None if self.peer is None else rounded(self.peer),
            "ratio": rounded(self.ratio),
            "bound": self.bound,
            "holds": self.holds,
        }


    @property
    def spread(self):
        """How far apart the rounds are, as a share of their median."""
        return interleave.spread([each[-1] for each in self.rounds])

    def details(self):
        """Every round that the verdict was made of, none left out: (ours, peer, ratio), or (ours,) without a peer."""
        rounds = [[rounded(value) for value in each] for each in self.rounds]
        return {"name": self.name, "unit": self.unit, "bound_is": self.direction, "rounds": rounds}


def rounded(value):
    """Four significant digits and no more: the rest is noise."""
    return float(f"{value:.4g}")


def keeps(value, bound, direction):
    """Whether `value` is on the right side of `bound`, on it included."""
    return value >= bound if direction == AT_LEAST else value <= bound


def against_peer(name, ours, peers, bound, direction, unit):
    """The verdict on rounds of ours beside rounds of a peer's."""
    ratios = interleave.paired_ratios(ours, peers)
    ratio = interleave.median(ratios)
    return Verdict(
        name=name, ours=interleave.median(ours), peer=interleave.median(peers), ratio=ratio, bound=bound,
        direction=direction, holds=keeps(ratio, bound, direction), unit=unit,
        rounds=tuple(zip(ours, peers, ratios)),
    )


def against_bound(name, ours, bound, direction, unit):
    """The verdict on rounds of a figure that has no peer."""
    value = interleave.median(ours)
    return Verdict(
        name=name, ours=value, peer=None, ratio=value / bound, bound=bound, direction=direction,
        holds=keeps(value, bound, direction), unit=unit, rounds=tuple((each,) for each in ours),
    )
