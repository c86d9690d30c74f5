"""Directories of manifests for the server: small, big, and many."""

import base64
import dataclasses

from .values import value

SUBJECT = "system:serviceaccount:bench:app-{}"
AUDIENCE = "ese-federation"
# The server reads at most 16 MiB of a file.
AUTHORIZATIONS_A_FILE = 2_000
SECRETS_A_STORE = 125_000


@dataclasses.dataclass(frozen=True)
class Issuer:
    """What a server has to know of the tokens' issuer."""

    name: str
    url: str
    ca_pem: str


def federation(issuer):
    """The manifest of the issuer, its CA included, so that no caller has to send one."""
    bundle = base64.b64encode(issuer.ca_pem.encode()).decode()
    return (
        "apiVersion: identity.federation.external-secrets.io/v1alpha1\nkind: KubernetesFederation\n"
        f'metadata:\n  name: bench\nspec:\n  url: "{issuer.url}"\n  audiences: ["{AUDIENCE}"]\n'
        f"  caBundle: {bundle}\n"
    )


def authorization(number, issuer, stores):
    """Lets the subject of that number read `stores`."""
    return (
        "apiVersion: federation.external-secrets.io/v1alpha1\nkind: Authorization\n"
        f"metadata:\n  name: app-{number}\nspec:\n  federationRef: {{kind: KubernetesFederation, name: bench}}\n"
        f'  subject:\n    oidc:\n      issuer: "{issuer.name}"\n      subject: {SUBJECT.format(number)}\n'
        f"  allowedClusterSecretStores: [{', '.join(stores)}]\n"
    )


def store(name, keys, size):
    """A store with those key numbers, each with a value of `size` bytes."""
    head = (
        "apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\n"
        f"metadata:\n  name: {name}\nspec:\n  provider:\n    fake:\n      data:\n"
    )
    lines = (f'      - {{key: key-{number}, value: "{value(f"key-{number}", size)}"}}\n' for number in keys)
    return head + "".join(lines)


def write(directory, issuer, authorizations, secrets, size):
    """Stores of SECRETS_A_STORE secrets in the order of their keys, `bench`, `bench-1` and so on; every Authorization
    grants them all. Gives their names."""
    directory.mkdir(parents=True)
    count = -(-secrets // SECRETS_A_STORE)
    stores = ["bench"] + [f"bench-{number}" for number in range(1, count)]
    (directory / "federation.yaml").write_text(federation(issuer))
    for number, name in enumerate(stores):
        first = number * SECRETS_A_STORE
        keys = range(first, min(first + SECRETS_A_STORE, secrets))
        (directory / f"store-{number}.yaml").write_text(store(name, keys, size))
    for first in range(0, authorizations, AUTHORIZATIONS_A_FILE):
        numbers = range(first, min(first + AUTHORIZATIONS_A_FILE, authorizations))
        text = "---\n".join(authorization(number, issuer, stores) for number in numbers)
        (directory / f"authorizations-{first}.yaml").write_text(text)
    return stores


def write_many(directory, issuer, files):
    """`files` files with a manifest each, as they are in a repository: one issuer, one store, Authorizations."""
    directory.mkdir(parents=True)
    (directory / "federation.yaml").write_text(federation(issuer))
    (directory / "store.yaml").write_text(store("bench", range(10), 64))
    for number in range(files - 2):
        (directory / f"authorization-{number}.yaml").write_text(authorization(number, issuer, ["bench"]))
