"""The servers under test, ours and the peers: how each is started, and which process does its work."""

import contextlib
import dataclasses
import time

from . import processes, programs
from .failure import StepFailed

READY_SECONDS = 30
# A million secrets take their time to read.
BIG_READY_SECONDS = 240


@dataclasses.dataclass(frozen=True)
class Server:
    """One that can serve. `pid` is the process whose CPU and memory count: nginx's worker, not its master."""

    name: str
    address: str
    pid: int
    child: processes.Child
    ready_seconds: float


def ours(bench, config):
    """The server under test with the manifests in `config`: one loop, as each peer has one thread."""
    return [
        bench.programs.path(programs.SERVER), "serve", "--config", config, "--listen", "127.0.0.1:0",
        # All of the load comes from one address.
        "--connections-per-address", "0", "--open-connections-per-address", "0", "--requests-per-identity", "1000000", "--requests-per-address", "1000000",
        "--tls-cert", bench.certificates.certificate, "--tls-key", bench.certificates.key, "--loops", "1",
        "--log-level", "warn",
    ]


def peer(bench, name, value_size):
    """A peer that answers `key-0` of store `bench` with `value_size` bytes."""
    program = bench.programs.nginx_script if name == "nginx" else bench.programs.path(name)
    return [
        program, "--listen", "127.0.0.1:0", "--tls-cert", bench.certificates.certificate,
        "--tls-key", bench.certificates.key, "--tokens", bench.tokens(), "--store", "bench",
        "--key", "key-0", "--value-size", str(value_size),
    ]


def parse_ready(text):
    """Address and, where it is named, the pid from what follows `ready `: `listen=HOST:PORT pid=N`."""
    fields = dict(word.split("=", 1) for word in text.split() if "=" in word)
    if ":" not in fields.get("listen", ""):
        raise ValueError(f"no listen=HOST:PORT in {text!r}")
    return fields["listen"], int(fields["pid"]) if "pid" in fields else None


@contextlib.contextmanager
def serving(bench, name, command, seconds=READY_SECONDS):
    """`command` pinned to the server's core from its `ready` line until the end of the block, alive all the while."""
    step = f"server {name}"
    child = processes.Child(step, command, bench.log(f"server-{name}"), processes.SERVER_CORE)
    try:
        try:
            address, pid = parse_ready(child.line("ready ", seconds))
            ready_seconds = time.monotonic() - child.started
        except ValueError as error:
            raise StepFailed(step, str(error), child.log) from None
        yield Server(name, address, pid or child.pid, child, ready_seconds)
        child.stop()
    finally:
        child.abandon()
