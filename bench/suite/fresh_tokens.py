"""Never-seen RS256 tokens verified for each server CPU second, beside what OpenSSL's own benchmark says of the core.

Every request carries a token that this server has not seen, so its signature must be verified; each is used once. The
server is started anew for each round, so that the same file of tokens is new to it again. OpenSSL's figure is for the
bare RSA-2048 verification of one hash: parsing, hashing, claims, policy and the answer are all ours.
"""

import re

from . import environment, interleave, load, processes, servers, verdict
from .failure import StepFailed
from .load import Load

NAME = "never-seen RS256 tokens verified, against openssl speed rsa2048 verify on the same core"
BOUND = 0.75
SPEED_SECONDS = 3
# More than the fastest core seen verifies in that time (75,000 a second); signing them takes a minute at most.
SECONDS = 1.0
WARM_UP_SECONDS = 0.2
TOKENS = 100_000


def parse_speed(text):
    """Verifications a second in the output of `openssl speed rsa2048`."""
    found = re.search(r"^rsa\s+2048 bits\s+\S+\s+\S+\s+\S+\s+([0-9.]+)\s*$", text, re.MULTILINE)
    if not found:
        raise ValueError("no line `rsa 2048 bits` with verify/s")
    return float(found[1])


def openssl_verifies(bench):
    """OpenSSL's verify/s on the server's core; it counts user CPU seconds, as the server's are counted."""
    command = ["openssl", "speed", "-seconds", str(SPEED_SECONDS), "rsa2048"]
    log = bench.log("openssl-speed")
    text = processes.finish("openssl speed", command, log, processes.SERVER_CORE, 60)
    try:
        return parse_speed(text)
    except ValueError as error:
        raise StepFailed("openssl speed", str(error), log) from None


def verified_tokens(bench):
    """Tokens verified for each server CPU second, all of them new to the server."""
    fresh = ("--new-tokens", "100", "--fresh-tokens", bench.issuer.fresh)
    todo = Load(seconds=SECONDS, warm_up=WARM_UP_SECONDS, extra=fresh)
    with servers.serving(bench, "ours", servers.ours(bench, bench.config(64, environment.SUBJECTS))) as server:
        result = load.run(bench, server, todo, "fresh tokens")
    # New tokens are counted when they are sent and requests when they are answered.
    if abs(result["new_tokens"] - result["requests"]) > todo.connections * todo.in_flight:
        reason = f"{result['requests']} requests had {result['new_tokens']} new tokens"
        raise StepFailed("fresh tokens", reason, bench.log("load"))
    return load.per_cpu_second(result)


def measure(bench, rounds, progress):
    """The verdict."""
    results = interleave.rounds(
        rounds, {"ours": lambda _: verified_tokens(bench), "openssl": lambda _: openssl_verifies(bench)},
        lambda number, name: progress.step(f"fresh tokens, round {number + 1}", name),
    )
    return verdict.against_peer(
        NAME, results["ours"], results["openssl"], BOUND, verdict.AT_LEAST, "verifications/CPU s"
    )
