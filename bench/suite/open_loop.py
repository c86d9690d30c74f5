"""Latency at a fixed rate, from a tenth to nine tenths of the most that a wire gave in a closed loop."""

import dataclasses

from . import comparisons, matrix

# The gRPC generator has only a closed loop.
WIRES = [("ours", "ttrpc"), ("ours", "http")]
SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
SETTING = "16x32"
SECONDS = 2.0


def most(cells, server, wire):
    """The closed loop's requests a second."""
    for cell in cells:
        if (cell["server"], cell["wire"], cell["setting"], cell["value_size"]) == (server, wire, SETTING, 64):
            return cell["requests_per_second"]
    raise ValueError(f"no {server} {wire} {SETTING} in the matrix")


def measure(bench, cells, progress):
    """A list of points: server, wire, rate asked for and reached, latencies."""
    setting = next(each for each in matrix.SETTINGS if each.name == SETTING)
    points = []
    for server, wire in WIRES:
        peak = most(cells, server, wire)
        for share in SHARES:
            progress.step("open loop", f"{server} {wire} at {share:.0%} of {peak:.0f}/s")
            side = matrix.side(server, wire, setting, 64)
            todo = dataclasses.replace(side.load, rate=peak * share, seconds=SECONDS)
            result = comparisons.run_side(bench, dataclasses.replace(side, load=todo))
            latency = result["latency_us"]
            points.append({
                "server": server, "wire": wire, "share": share, "rate": round(peak * share),
                "requests_per_second": result["requests_per_second"], "p50_us": latency["p50"],
                "p99_us": latency["p99"], "p99_9_us": latency["p99_9"],
                "cpu_us_per_request": result["server"]["cpu_us_per_request"],
            })
    return points
