"""One ECDSA P-256 certificate that every server under test shows, and the CA that the clients trust."""

import dataclasses
import pathlib

from . import processes

SERVER_NAME = "localhost"
CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]


@dataclasses.dataclass(frozen=True)
class Certificates:
    """Files in PEM."""

    ca: pathlib.Path
    certificate: pathlib.Path
    key: pathlib.Path


def make(directory, log):
    """Writes a CA and a certificate for localhost into `directory`."""
    directory.mkdir()
    made = Certificates(directory / "ca.crt", directory / "tls.crt", directory / "tls.key")
    request, extensions, ca_key = directory / "tls.csr", directory / "tls.ext", directory / "ca.key"
    extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")

    def openssl(*arguments):
        processes.finish("certificates", ["openssl", *arguments], log, processes.LOAD_CORE, 30)

    openssl("req", "-x509", *CURVE, "-days", "2", "-subj", "/CN=bench CA", "-keyout", ca_key, "-out", made.ca)
    openssl("req", *CURVE, "-subj", "/CN=localhost", "-keyout", made.key, "-out", request)
    openssl(
        "x509", "-req", "-in", request, "-CA", made.ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "2",
        "-extfile", extensions, "-out", made.certificate,
    )
    return made
