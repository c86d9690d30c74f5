"""Memory that one idle TLS connection costs the server, by 10,000 of them.

Each connection has made its handshake and one answered call, and then keeps still. What the server's RSS is then more
than before the first, by their number, is the figure; there is no peer, so `ratio` is the figure by its bound.
"""

from . import servers, verdict

NAME = "memory of an idle TLS connection, 10,000 of them, KiB"
BOUND = 24.0
CONNECTIONS = 10_000


def kib(status, field):
    """A field of the text of /proc/PID/status, in KiB."""
    for line in status.splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    raise ValueError(f"no {field} in the status")
PENDING
