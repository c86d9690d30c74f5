"""The issuer of all tokens, which serves its keys all the while, and the tokens that it has made."""

import contextlib
import dataclasses
import pathlib

from . import processes, programs

# A signature takes most of a millisecond.
READY_SECONDS = 180


@dataclasses.dataclass(frozen=True)
class Issuer:
    """What a server has to know of the issuer, and where its tokens are, one a line."""

    name: str
    url: str
    ca: pathlib.Path
    # A token for each subject, in the order of their numbers.
    tokens: pathlib.Path
    # Tokens that no server has seen, for as many subjects.
    fresh: pathlib.Path


@contextlib.contextmanager
def running(bench, subjects, fresh):
    """An issuer of a token for each of `subjects` and of `fresh` more, until the end of the block."""
    directory = bench.work / "issuer"
    command = [
        bench.programs.path(programs.LOAD), "issuer", "--directory", directory, "--subjects", str(subjects),
        "--fresh", str(fresh),
    ]
    # It makes tokens on both cores, while nothing is measured, and is off the server's when it is ready.
    child = processes.Child("issuer", command, bench.log("issuer"), processes.BOTH_CORES)
    try:
        url = child.line("ready issuer=", READY_SECONDS)
        processes.move(child.pid, processes.LOAD_CORE)
        yield Issuer(
            name=(directory / "issuer").read_text().strip(), url=url, ca=directory / "ca.crt",
            tokens=directory / "tokens.txt", fresh=directory / "fresh.txt",
        )
        child.stop()
    finally:
        child.abandon()
