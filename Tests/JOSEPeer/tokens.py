"""Makes a token with each algorithm by two independent JOSE libraries, and prints them with their keys, one JSON a line.

usage: tokens.py CLAIMS, a JSON object
"""

import json
import sys

from joserfc import jwk as joserfc_jwk
from joserfc import jwt as joserfc_jwt
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jwt as jwcrypto_jwt

CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "EdDSA": "Ed25519"}
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", *CURVES]


def by_joserfc(algorithm, key_id, claims):
    kind, size = ("RSA", 2048) if algorithm not in CURVES else ("EC", CURVES[algorithm])
    key = joserfc_jwk.generate_key("OKP" if algorithm == "EdDSA" else kind, size, {"kid": key_id})
    token = joserfc_jwt.encode({"alg": algorithm, "kid": key_id}, claims, key, algorithms=[algorithm])
    return token, key.as_dict(private=False)


def by_jwcrypto(algorithm, key_id, claims):
    if algorithm == "EdDSA":
        key = jwcrypto_jwk.JWK.generate(kty="OKP", crv="Ed25519", kid=key_id)
    elif algorithm in CURVES:
        key = jwcrypto_jwk.JWK.generate(kty="EC", crv=CURVES[algorithm], kid=key_id)
    else:
        key = jwcrypto_jwk.JWK.generate(kty="RSA", size=2048, kid=key_id)
    token = jwcrypto_jwt.JWT(header={"alg": algorithm, "kid": key_id}, claims=claims)
    token.make_signed_token(key)
    return token.serialize(), json.loads(key.export_public())


claims = json.loads(sys.argv[1])
for library, make in [("joserfc", by_joserfc), ("jwcrypto", by_jwcrypto)]:
    for algorithm in ALGORITHMS:
        token, key = make(algorithm, f"{library}-{algorithm}", claims)
        print(json.dumps({"library": library, "algorithm": algorithm, "token": token, "key": key}))
