"""What all runs of one `make bench` share: programs, certificates, an issuer with tokens, manifests, places for files."""

import contextlib
import dataclasses
import pathlib
import shutil
import tempfile

from . import certificates, issuer, manifests, programs

# As many subjects as the main settings have connections, and as the small server of the scale row lets in.
SUBJECTS = 16
FEW_SUBJECTS = 10


@dataclasses.dataclass(frozen=True)
class Tokens:
    """Files of tokens, one a line: a token for each subject, and for the first ten only."""

    verified: pathlib.Path
    ten: pathlib.Path


class Bench:
    """The surroundings of a run; made by `prepared`."""

    def __init__(self, found, work, raw):
        self.programs = found
        self.work = work
        self.raw = raw
        self.certificates = certificates.make(work / "tls", self.log("certificates"))
        self.issuer = None
        self.tokens = None
        self.token_maker = None

    def log(self, name):
        """The file for the log of programs of that name."""
        return self.raw / f"{name}.log"

    def config(self, size):
        """Manifests with one store of ten secrets of `size` bytes, that every subject may read."""
        directory = self.work / f"config-{size}"
        if not directory.exists():
            manifests.write(directory, self.issuer, SUBJECTS, 10, size)
        return directory

    def fresh_tokens(self):
        """The file of tokens to be used once a server each, made when they are first asked for."""
        return self.token_maker.fresh()


@contextlib.contextmanager
def prepared(folder, nginx_script, raw):
    """A `Bench` with its issuer running; its temporary files are gone at the end."""
    shutil.rmtree(raw, ignore_errors=True)
    raw.mkdir(parents=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix="federation-bench-"))
    try:
        bench = Bench(programs.Programs(folder, nginx_script), work, raw)
        with issuer.running(bench, SUBJECTS, FEW_SUBJECTS) as (found, tokens, maker):
            bench.issuer, bench.tokens, bench.token_maker = found, tokens, maker
            yield bench
    finally:
        shutil.rmtree(work, ignore_errors=True)
