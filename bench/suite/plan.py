"""How much of everything a run measures: all rows within 25 minutes, or four of them within 90 seconds."""

import dataclasses

from . import rows


@dataclasses.dataclass(frozen=True)
class Plan:
    """Rounds and seconds of a measured window, and what is measured."""

    rounds: int
    single_rounds: int
    seconds: float
    comparisons: tuple
    singles: tuple
    matrix: bool


def full(rounds):
    """Everything. Five rounds, so that one disturbed round cannot be the median, and two neither."""
    count = rounds or 5
    return Plan(count, count, 3.0, tuple(rows.COMPARISONS), tuple(rows.SINGLES), matrix=True)


def quick(rounds):
    """The first four rows of the table, in shorter windows."""
    count = rounds or 3
    return Plan(count, count, 2.0, tuple(rows.QUICK), (), matrix=False)
