"""Where the programs are that a run needs."""

import dataclasses
import pathlib

from .failure import StepFailed

# What a folder of programs must hold, and what makes them: scripts/build-bench.sh, which scripts/bench.sh calls.
SERVER = "federation-server"
LOAD = "federation-bench"
GRPC_LOAD = "grpc-load"
FLOOR = "floor"
GRPC = "grpc-server"
GO_TTRPC = "ttrpc-go"
GO_HTTP = "http-go"


@dataclasses.dataclass(frozen=True)
class Programs:
    """A folder with the server, the generators and the peers; a script beside the peers' sources starts nginx."""

    folder: pathlib.Path
    nginx_script: pathlib.Path

    def path(self, name):
        """The program of that name; a run without it fails before anything is measured."""
        found = self.folder / name
        if not found.is_file():
            raise StepFailed("programs", f"no {name} in {self.folder}; scripts/build-bench.sh makes it")
        return found
