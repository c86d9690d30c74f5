"""Server CPU a request with 100,000 Authorizations and 1,000,000 secrets in memory, beside 10 and 10.

Both servers run all the while, so the big one is read once; one is asked at a time. Each call draws its key uniformly
over all, and its caller from a thousand subjects, or from the ten that there are.
"""

from . import environment, interleave, load, manifests, servers, verdict
from .load import Load

NAME = "cost a request with 100,000 Authorizations and 1,000,000 cached secrets, against 10 and 10"
BOUND = 1.3
SMALL = (10, 10)
BIG = (100_000, 1_000_000)
VALUE_SIZE = 64


def cpu_microseconds(result):
    """Server CPU a request."""
    return result["server"]["cpu_us_per_request"]


def measure(bench, rounds, seconds, progress):
    """The verdict."""
    progress.step("scale", "writing manifests")
    commands, loads = {}, {}
    for name, (authorizations, secrets) in {"big": BIG, "small": SMALL}.items():
        directory = bench.work / f"config-{name}"
        manifests.write(bench, directory, *manifests.sized(authorizations, secrets, VALUE_SIZE))
        commands[name] = servers.ours(bench, directory)
        loads[name] = Load(
            keys=secrets, value_size=VALUE_SIZE, seconds=seconds, warm_up=1,
            subjects=min(authorizations, environment.SUBJECTS),
            extra=("--keys-per-store", manifests.KEYS_PER_STORE, "--tokens-per-connection", "all"),
        )

    progress.step("scale", "starting the server with 1,000,000 secrets")
    with (
        servers.serving(bench, "ours-big", commands["big"], servers.BIG_READY_SECONDS) as big,
        servers.serving(bench, "ours-small", commands["small"]) as small,
    ):
        results = interleave.rounds(
            rounds,
            {
                "big": lambda _: load.run(bench, big, loads["big"], "scale big"),
                "small": lambda _: load.run(bench, small, loads["small"], "scale small"),
            },
            lambda number, name: progress.step(f"scale, round {number + 1}", name),
        )
    figures = {name: [cpu_microseconds(result) for result in runs] for name, runs in results.items()}
    return verdict.against_peer(
        NAME, figures["big"], figures["small"], BOUND, verdict.AT_MOST, "server CPU us/request"
    )
