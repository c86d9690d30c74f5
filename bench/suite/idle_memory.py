"""Memory that one idle TLS connection costs the server, by 10,000 of them.

Each connection has made its handshake and had one answer, and then keeps still. What the server's RSS is then more than
before the first of them, by their number, is the figure. There is no peer: `ratio` is the figure by its bound.
"""

from . import load, servers, verdict
from .failure import StepFailed
from .load import Load

NAME = "memory of an idle TLS connection, 10,000 of them, KiB"
BOUND = 24.0
CONNECTIONS = 10_000


def kib_each(result):
    """What a connection costs, from a generator's result."""
    idle = result["idle"]
    if idle["connections"] != CONNECTIONS:
        raise ValueError(f"{idle['connections']} connections were held instead of {CONNECTIONS}")
    return (idle["rss_with_kib"] - idle["rss_before_kib"]) / CONNECTIONS


def measure(bench, progress):
    """The verdict, of one round: memory is not disturbed by what else the machine does."""
    progress.step("idle memory", f"{CONNECTIONS} connections")
    todo = Load(connections=1, in_flight=1, seconds=1, idle=CONNECTIONS)
    with servers.serving(bench, "ours", servers.ours(bench, bench.config(64))) as server:
        result = load.run(bench, server, todo, "idle memory")
    try:
        return verdict.against_bound(NAME, [kib_each(result)], BOUND, verdict.AT_MOST, "KiB")
    except (KeyError, TypeError, ValueError) as error:
        raise StepFailed("idle memory", f"the result has no memory: {error!r}", bench.log("load")) from None
