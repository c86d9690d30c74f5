"""One run of a load generator, pinned to the other core, and what it says of the server."""

import dataclasses
import itertools
import json

from . import processes, programs
from .failure import StepFailed

_numbers = itertools.count(1)


@dataclasses.dataclass(frozen=True)
class Load:
    """What a generator is to do. `rate` in requests a second makes it an open loop; None is a closed one."""

    wire: str = "ttrpc"
    identity: str = "token"
    connections: int = 16
    in_flight: int = 32
    value_size: int = 64
    keys: int = 1
    seconds: float = 3.0
    warm_up: float = 0.5
    rate: float | None = None
    idle: int = 0
    extra: tuple = ()
    subjects: int = 16


def command(bench, server, load, output):
    """The command line, the same flags for both generators."""
    if load.wire == "grpc":
        program = [bench.programs.path(programs.GRPC_LOAD)]
    else:
        program = [bench.programs.path(programs.LOAD), "run", "--wire", load.wire, "--identity", load.identity]
    rate = [] if load.rate is None else ["--mode", "open", "--rate", f"{load.rate:.0f}"]
    idle = ["--idle", str(load.idle)] if load.idle else []
    return [
        *program, "--target", server.address, "--ca", bench.certificates.ca, "--server-name", "localhost",
        "--tokens", bench.tokens(load.subjects), "--store", "bench", "--connections", str(load.connections),
        "--in-flight", str(load.in_flight), "--duration", f"{load.seconds:g}", "--warm-up", f"{load.warm_up:g}",
        "--value-size", str(load.value_size), "--keys", str(load.keys), "--server-pid", str(server.pid),
        "--json", output, *rate, *idle, *load.extra,
    ]


def parse(text):
    """The generator's JSON, held to what a figure needs: requests, none of them wrong, and server CPU spent."""
    result = json.loads(text)
    if not isinstance(result, dict):
        raise ValueError("the result is no JSON object")
    for path in ("requests", "errors", "latency_us.p50", "server.cpu_seconds", "server.requests_per_cpu_second"):
        value = result
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if not isinstance(value, (int, float)):
            raise ValueError(f"{path} is missing from the result")
    if result["errors"]:
        raise ValueError(f"{result['errors']} answers were wrong or missing")
    if result["requests"] <= 0 or result["server"]["cpu_seconds"] <= 0:
        raise ValueError("nothing was measured")
    return result


def run(bench, server, load, step):
    """Runs the generator to its end and gives its result; one wrong answer, or a dead server, fails the run."""
    log = bench.log("load")
    output = bench.raw / f"{next(_numbers):04}-{step.replace(' ', '-').replace('/', '-')}.json"
    limit = load.seconds + load.warm_up + 120
    try:
        processes.finish(step, command(bench, server, load, output), log, processes.LOAD_CORE, limit)
        server.child.check_alive()
        return parse(output.read_text())
    except StepFailed:
        # A server that died is the reason; what its client then says is not.
        server.child.check_alive()
        raise
    except (OSError, ValueError) as error:
        raise StepFailed(step, str(error), log) from None


def per_cpu_second(result):
    """Requests for each second of the server's CPU."""
    return result["server"]["requests_per_cpu_second"]


def p50(result):
    """The median latency, in microseconds."""
    return result["latency_us"]["p50"]
