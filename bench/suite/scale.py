"""Server CPU a request with 100,000 Authorizations and 1,000,000 secrets in memory, beside 10 and 10.

Both servers run all the while, so the big one is read once; only one is ever asked. Keys are chosen uniformly over all,
and the calls are made by as many subjects as there are connections.
"""

from . import interleave, load, manifests, servers, verdict
from .load import Load

NAME = "cost a request with 100,000 Authorizations and 1,000,000 cached secrets, against 10 and 10"
BOUND = 1.3
SMALL = (10, 10)
BIG = (100_000, 1_000_000)
VALUE_SIZE = 64
KEYS_PER_STORE = ("--keys-per-store", str(manifests.SECRETS_A_STORE))


def cpu_microseconds(result):
    """Server CPU a request."""
    return result["server"]["cpu_us_per_request"]


def measure(bench, rounds, seconds, progress):
    """The verdict."""
    progress.step("scale", "writing manifests")
    sides = {}
    for name, (authorizations, secrets) in {"big": BIG, "small": SMALL}.items():
        directory = bench.work / f"config-{name}"
        manifests.write(directory, bench.issuer, authorizations, secrets, VALUE_SIZE)
        # Ten Authorizations let ten subjects in.
        tokens = bench.tokens.verified if authorizations > SMALL[0] else bench.tokens.ten
        sides[name] = (
            directory,
            Load(keys=secrets, value_size=VALUE_SIZE, seconds=seconds, warm_up=1, extra=KEYS_PER_STORE, tokens=tokens),
        )

    progress.step("scale", "starting the server with 1,000,000 secrets")
    with (
        servers.serving(bench, "ours-big", servers.ours(bench, sides["big"][0]), servers.BIG_READY_SECONDS) as big,
        servers.serving(bench, "ours-small", servers.ours(bench, sides["small"][0])) as small,
    ):
        results = interleave.rounds(
            rounds,
            {
                "big": lambda _: load.run(bench, big, sides["big"][1], "scale big"),
                "small": lambda _: load.run(bench, small, sides["small"][1], "scale small"),
            },
            lambda number, name: progress.step(f"scale, round {number + 1}", name),
        )
    figures = {name: [cpu_microseconds(result) for result in runs] for name, runs in results.items()}
    return verdict.against_peer(
        NAME, figures["big"], figures["small"], BOUND, verdict.AT_MOST, "server CPU us/request"
    )
