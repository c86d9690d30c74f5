"""The table that issue 3 holds the server to, a row each, in its order; its first row has two bounds and is two."""

import dataclasses
from collections.abc import Callable

from . import cold_start, comparisons, fresh_tokens, handshakes, idle_memory, load, scale, verdict
from .comparisons import Comparison, Side
from .load import Load

OURS_16x32 = Side("ours", Load())
OURS_16x32_BOUND = Side("ours", Load(identity="bound"))
OURS_16x1 = Side("ours", Load(in_flight=1))
OURS_1x1 = Side("ours", Load(connections=1, in_flight=1))
OURS_HTTP_16x1 = Side("ours", Load(wire="http", in_flight=1))
GRPC_16x32 = Side("grpc-server", Load(wire="grpc"))
FLOOR_16x32 = Side("floor", Load())
FLOOR_16x1 = Side("floor", Load(in_flight=1))
FLOOR_1x1 = Side("floor", Load(connections=1, in_flight=1))
GO_TTRPC_16x32 = Side("ttrpc-go", Load())
GO_HTTP_16x1 = Side("http-go", Load(wire="http", in_flight=1))
NGINX_16x1 = Side("nginx", Load(wire="http", in_flight=1))

COMPARISONS = [
    Comparison("ttrpc 16x32, token in each call, against gRPC C++", OURS_16x32, GRPC_16x32, 4),
    Comparison("ttrpc 16x32, identity bound, against gRPC C++", OURS_16x32_BOUND, GRPC_16x32, 6),
    Comparison("ttrpc 16x1, against the floor", OURS_16x1, FLOOR_16x1, 0.80),
    Comparison("ttrpc 16x32, against the floor", OURS_16x32, FLOOR_16x32, 0.45),
    Comparison("ttrpc 16x32, against Go ttrpc over TLS", OURS_16x32, GO_TTRPC_16x32, 5),
    Comparison("HTTP gateway 16x1, against Go net/http", OURS_HTTP_16x1, GO_HTTP_16x1, 2.5),
    Comparison("HTTP gateway 16x1, against nginx's fixed body", OURS_HTTP_16x1, NGINX_16x1, 0.6),
    Comparison(
        "p50 of one call at 1x1 over ttrpc, against the floor", OURS_1x1, FLOOR_1x1, 1.25,
        direction=verdict.AT_MOST, figure=load.p50, unit="us",
    ),
]


@dataclasses.dataclass(frozen=True)
class Single:
    """A row with a way of measuring of its own: a function of bench, plan and progress."""

    name: str
    measure: Callable


SINGLES = [
    Single(fresh_tokens.NAME, lambda bench, plan, progress: fresh_tokens.measure(bench, plan.single_rounds, progress)),
    Single(
        handshakes.NAME,
        lambda bench, plan, progress: handshakes.measure(bench, plan.single_rounds, plan.seconds, progress),
    ),
    Single(idle_memory.NAME, lambda bench, plan, progress: idle_memory.measure(bench, progress)),
    Single(
        scale.NAME, lambda bench, plan, progress: scale.measure(bench, plan.single_rounds, plan.seconds, progress)
    ),
    Single(cold_start.NAME, lambda bench, plan, progress: cold_start.measure(bench, plan.single_rounds, progress)),
]

# `make bench-quick` prints the first four rows of the table, the first of which is two here.
QUICK = COMPARISONS[:5]


def groups(comparisons_wanted):
    """Rows whose sides run at the same setting, together: their rounds stay short, and so near each other."""
    found = {}
    for row in comparisons_wanted:
        setting = (row.ours.load.wire, row.ours.load.connections, row.ours.load.in_flight)
        found.setdefault(setting, []).append(row)
    return list(found.values())


def measure(bench, plan, wanted, progress):
    """The verdicts on the rows for whose name `wanted` is true, in the order of the table."""
    verdicts = {}
    for group in groups([row for row in plan.comparisons if wanted(row.name)]):
        for each in comparisons.measure(bench, group, plan.rounds, plan.seconds, progress):
            verdicts[each.name] = each
    for row in plan.singles:
        if wanted(row.name):
            verdicts[row.name] = row.measure(bench, plan, progress)
    order = [row.name for row in [*COMPARISONS, *SINGLES]]
    return sorted(verdicts.values(), key=lambda each: order.index(each.name))
