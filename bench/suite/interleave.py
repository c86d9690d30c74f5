"""Rounds A B A B, and what a figure is when the machine drifts.

A ratio is taken within each round, between two runs that are seconds apart, and the figure is the median of those
ratios: a machine that slows down for a minute slows both sides of a pair. No round is ever left out.
"""

import statistics


def median(values):
    """The middle of `values`, which must not be empty."""
    return statistics.median(values)


def paired_ratios(ours, peers):
    """Ours over the peer's, round by round."""
    if len(ours) != len(peers):
        raise ValueError(f"{len(ours)} rounds of ours cannot be paired with {len(peers)} of the peer's")
    return [mine / other for mine, other in zip(ours, peers)]


def spread(values):
    """How far apart the rounds are: (largest - smallest) / median."""
    middle = median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


def rounds(count, sides, note=lambda number, name: None):
    """Runs each of `sides`, functions of the round's number by name, `count` times in turn; results by name."""
    results = {name: [] for name in sides}
    for number in range(count):
        for name, side in sides.items():
            note(number, name)
            results[name].append(side(number))
    return results
