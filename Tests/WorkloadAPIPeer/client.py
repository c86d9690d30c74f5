"""Asks a Workload API by the client that the SPIFFE project keeps for Python, and prints what it makes of the answer.

    client.py SOCKET
"""

import json
import sys

from cryptography.hazmat.primitives.serialization import Encoding
from spiffe import WorkloadApiClient

with WorkloadApiClient(f"unix://{sys.argv[1]}") as client:
    context = client.fetch_x509_context()
    svid = context.default_svid
    bundles = context.x509_bundle_set.bundles
    print(json.dumps({
        "id": str(svid.spiffe_id),
        "certificates": [c.public_bytes(Encoding.DER).hex() for c in svid.cert_chain],
        "bundles": {
            bundle.trust_domain.name: sorted(c.public_bytes(Encoding.DER).hex() for c in bundle.x509_authorities)
            for bundle in bundles
        },
    }, sort_keys=True))
