"""Every server at every setting and value size, once: what the report's tables and plots show beside the held figures.

Each is measured in one short window, so a single figure here is worth less than a ratio in latest.json.
"""

import dataclasses

from . import comparisons
from .comparisons import Side
from .load import Load

SERVERS = [
    ("ours", "ttrpc"), ("ours", "grpc"), ("ours", "http"), ("floor", "ttrpc"), ("grpc-server", "grpc"), ("ttrpc-go", "ttrpc"),
    ("http-go", "http"), ("nginx", "http"),
]
SIZES = [64, 4096, 65536]
SECONDS = 1.5
IDLE_OPEN = 4096
IDLE_ACTIVE = 16


@dataclasses.dataclass(frozen=True)
class Setting:
    """Connections that ask, calls in flight on each, and connections that are open besides."""

    name: str
    connections: int
    in_flight: int
    idle: int = 0


SETTINGS = [
    Setting("1x1", 1, 1),
    Setting("16x1", 16, 1),
    Setting("16x32", 16, 32),
    Setting("256x1", 256, 1),
    Setting("4096 mostly idle", IDLE_ACTIVE, 1, IDLE_OPEN - IDLE_ACTIVE),
]
# The plot of cost against connections has these besides.
MORE_CONNECTIONS = [Setting("64x1", 64, 1), Setting("1024x1", 1024, 1)]


def side(server, wire, setting, size):
    """The run of that cell."""
    load = Load(
        wire=wire, connections=setting.connections, in_flight=setting.in_flight, value_size=size, seconds=SECONDS,
        warm_up=0.3, idle=setting.idle,
    )
    return Side(server, load)


def cell(server, wire, setting, size, result):
    """What is kept of a run."""
    latency, cost = result["latency_us"], result["server"]
    return {
        "server": server, "wire": wire, "setting": setting.name, "connections": setting.connections,
        "idle_connections": setting.idle, "in_flight": setting.in_flight, "value_size": size,
        "requests_per_second": result["requests_per_second"],
        "requests_per_cpu_second": cost["requests_per_cpu_second"],
        "cpu_us_per_request": cost["cpu_us_per_request"],
        "p50_us": latency["p50"], "p99_us": latency["p99"], "p99_9_us": latency["p99_9"],
        "max_rss_kib": cost["max_rss_kib"],
    }


def cells():
    """Every (server, wire, setting, size), the servers innermost, so that those that are compared are neighbours.

    Idle connections ask for nothing, so they are measured with one size.
    """
    for size in SIZES:
        wanted = SETTINGS + MORE_CONNECTIONS if size == SIZES[0] else [each for each in SETTINGS if not each.idle]
        for setting in wanted:
            for server, wire in SERVERS:
                yield server, wire, setting, size


def measure(bench, progress):
    """All cells."""
    measured = []
    for server, wire, setting, size in cells():
        progress.step("matrix", f"{server} {wire} {setting.name} {size} B")
        result = comparisons.run_side(bench, side(server, wire, setting, size))
        measured.append(cell(server, wire, setting, size, result))
    return measured
