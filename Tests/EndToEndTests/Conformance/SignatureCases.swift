import Crypto
import JSON
import TestSupport

extension ConformanceTable {
  /// Who signed, with what, and what the token's header says of it (RFC 7515, RFC 7518, RFC 8037).
  static let signatures: [ConformanceCase] =
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"].map { algorithm in
      ConformanceCase("a good \(algorithm) token", .value("s3cret"), token: { try $0.token(key: algorithm) })
    } + [
      ConformanceCase("a JWK without alg takes any algorithm of its key type", .value("s3cret")) { world in
        try world.token(key: "no-alg", header: ["alg": "PS256"], algorithm: .ps256)
      },
      ConformanceCase("signed by a key that the issuer does not publish", .unauthenticated) { world in
        try world.token(key: "RS256", signedBy: world.strangerKey)
      },
      ConformanceCase("D3: claims another issuer than the one whose key signed", .unauthenticated) { world in
        try world.token(claims: ["iss": .string(ConformanceWorld.issuer("other"))])
      },
      ConformanceCase("alg none without a signature", .unauthenticated) { world in
        TestToken.assemble(
          header: ["alg": "none", "kid": "RS256", "typ": "JWT"], claims: try world.claims(cluster: "main").json)
      },
      ConformanceCase("alg nOnE without a signature", .unauthenticated) { world in
        TestToken.assemble(
          header: ["alg": "nOnE", "kid": "RS256"], claims: try world.claims(cluster: "main").json)
      },
      ConformanceCase("HS256 keyed with the published key as PEM", .unauthenticated) {
        try $0.tokenKeyedWithPublicKey()
      },
      ConformanceCase("alg missing", .unauthenticated) { try $0.token(header: ["alg": nil]) },
      ConformanceCase("alg not a string", .unauthenticated) { try $0.token(header: ["alg": 256]) },
      ConformanceCase("alg in lower case", .unauthenticated) { try $0.token(header: ["alg": "rs256"]) },
      ConformanceCase("alg of another key type than the kid's", .unauthenticated) { world in
        try world.token(key: "RS256", header: ["alg": "ES256"])
      },
      ConformanceCase("alg that the JWK does not allow, with a signature that fits", .unauthenticated) { world in
        try world.token(key: "RS256", header: ["alg": "RS512"], algorithm: .rs512)
      },
      ConformanceCase("ES256 signature in DER form", .unauthenticated) { try $0.tokenWithDERSignature() },
      ConformanceCase("D8: kid missing", .unauthenticated) { try $0.token(header: ["kid": nil]) },
      ConformanceCase("D8: kid a number", .unauthenticated) { try $0.token(header: ["kid": 7]) },
      ConformanceCase("D8: kid null", .unauthenticated) { try $0.token(header: ["kid": .null]) },
      ConformanceCase("kid empty", .unauthenticated) { try $0.token(header: ["kid": ""]) },
      ConformanceCase("kid unknown", .unauthenticated) { try $0.token(header: ["kid": "no-such-key"]) },
      ConformanceCase("a critical header parameter", .unauthenticated) { world in
        try world.token(header: ["crit": ["exp"], "exp": 1])
      },
      ConformanceCase("one bit of the signature flipped", .unauthenticated) { world in
        TestToken.withBrokenSignature(try world.token())
      },
      ConformanceCase("signature cut short", .unauthenticated) { String(try $0.token().dropLast(8)) },
      ConformanceCase("signature empty", .unauthenticated) { world in
        try world.token().split(separator: ".").dropLast().joined(separator: ".") + "."
      },
      ConformanceCase("claims swapped under a good signature", .unauthenticated) { world in
        TestToken.withClaims(
          try world.claims(cluster: "main").overriding(["sub": "system:serviceaccount:apps:admin"]).json,
          in: try world.token())
      },
    ]
}
