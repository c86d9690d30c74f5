"""Full TLS 1.3 handshakes for each server CPU second, beside nginx with the same certificate.

Each connection is new, resumes nothing, and ends after its handshake.
"""

from . import interleave, load, servers, verdict
from .load import Load

NAME = "full TLS handshakes, against nginx with the same certificate"
BOUND = 0.85


def per_cpu_second(result):
    """Handshakes for each second of the server's CPU."""
    return result["handshakes"] / result["server"]["cpu_seconds"]


def measure(bench, rounds, seconds, progress):
    """The verdict."""
    todo = Load(wire="http", connections=16, in_flight=1, seconds=seconds, extra=("--handshakes",))

    def side(name, command):
        with servers.serving(bench, name, command()) as server:
            return per_cpu_second(load.run(bench, server, todo, f"handshakes {name}"))

    results = interleave.rounds(
        rounds,
        {
            "ours": lambda _: side("ours", lambda: servers.ours(bench, bench.config(64))),
            "nginx": lambda _: side("nginx", lambda: servers.peer(bench, "nginx", 64)),
        },
        lambda number, name: progress.step(f"handshakes, round {number + 1}", name),
    )
    return verdict.against_peer(
        NAME, results["ours"], results["nginx"], BOUND, verdict.AT_LEAST, "handshakes/server CPU s"
    )
