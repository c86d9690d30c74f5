"""What all runs of one `make bench` share: programs, certificates, an issuer with tokens, manifests, folders."""

import contextlib
import dataclasses
import pathlib
import shutil
import tempfile

from . import certificates, issuer, manifests
from .certificates import Certificates
from .issuer import Issuer
from .programs import Programs

# As many as a setting usually has connections: each connection has a subject of its own.
USUAL_SUBJECTS = 16
# As many have tokens.
SUBJECTS = 1_000


@dataclasses.dataclass(frozen=True)
class Bench:
    """The surroundings of a run."""

    programs: Programs
    work: pathlib.Path
    raw: pathlib.Path
    certificates: Certificates | None = None
    issuer: Issuer | None = None

    def log(self, name):
        """The file for the log of programs of that name."""
        return self.raw / f"{name}.log"

    def config(self, size, subjects=USUAL_SUBJECTS):
        """Manifests with ten secrets of `size` bytes that each of the first `subjects` may read."""
        directory = self.work / f"config-{size}-{subjects}"
        if not directory.exists():
            manifests.write(self, directory, *manifests.sized(subjects, 10, size))
        return directory

    def tokens(self, subjects=USUAL_SUBJECTS):
        """A file with a token for each of the first `subjects`."""
        path = self.work / f"tokens-{subjects}.txt"
        if not path.exists():
            lines = self.issuer.tokens.read_text().splitlines(keepends=True)
            path.write_text("".join(lines[:subjects]))
        return path


@contextlib.contextmanager
def prepared(folder, nginx_script, raw, fresh):
    """A `Bench` whose issuer runs and has made `fresh` tokens more; its temporary files are gone at the end."""
    shutil.rmtree(raw, ignore_errors=True)
    raw.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="federation-bench-") as name:
        bench = Bench(Programs(folder, nginx_script), pathlib.Path(name), raw)
        made = certificates.make(bench.work / "tls", bench.log("certificates"))
        with issuer.running(bench, SUBJECTS, fresh) as found:
            yield dataclasses.replace(bench, certificates=made, issuer=found)
