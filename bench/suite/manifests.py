"""Directories of manifests, written by `federation-bench manifests`, which knows what the load asks for."""

from . import processes, programs

WRITE_SECONDS = 120
# A store is in one file, of which the server reads at most 128 MiB.
KEYS_PER_STORE = 1_000_000


def write(bench, directory, *flags):
    """Manifests of the bench's issuer; `flags` say how many of what."""
    command = [
        bench.programs.path(programs.LOAD), "manifests", "--directory", directory, "--issuer-url", bench.issuer.url,
        "--issuer", bench.issuer.name, "--ca", bench.issuer.ca, *map(str, flags),
    ]
    processes.finish("manifests", command, bench.log("manifests"), processes.LOAD_CORE, WRITE_SECONDS)


def sized(authorizations, secrets, size):
    """Flags for so many of each, with values of `size` bytes, over as many stores as that takes."""
    return (
        "--authorizations", authorizations, "--secrets", secrets, "--keys-per-store", KEYS_PER_STORE,
        "--value-size", size,
    )
