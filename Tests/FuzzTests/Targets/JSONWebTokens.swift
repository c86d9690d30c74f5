import Crypto
import FederationAPI
import JSON

@testable import Identity

extension FuzzTarget {
  /// No token that anybody can make up is signed by keys whose private halves are not there.
  static let jwt = FuzzTarget(text: "jwt") { text in
    _ = try? WorkloadToken(parsing: text)
    guard let token = try? JSONWebSignature(compact: text) else { return }
    try hold(!token.keyID.isEmpty, "a token names its key")
    for key in publishedKeys["k"] { try hold(!token.isSigned(by: key), "nobody can sign for others") }
  }

  /// What stands in a token: the bytes are a header, claims, and a workload's claims.
  static let jwtClaims = FuzzTarget("jwt-claims") { bytes in
    let encoded = Base64URL.encode(bytes)
    if let header = try? JSONWebSignature.Header(encoded.utf8.span.bytes) {
      try hold(!header.keyID.isEmpty, "a header names its key")
    }
    if let workload = try? WorkloadToken(parsing: "e30.\(encoded).x").workload {
      try hold(!workload.namespace.isEmpty && !workload.serviceAccount.name.isEmpty, "a workload is named in full")
    }
    guard let claims = try? TokenClaims(payload: bytes) else { return }
    try hold(!claims.issuer.isEmpty && !claims.subject.isEmpty, "an identity is named in full")
    try hold((0..<253_402_300_800).contains(claims.expiresAt), "a token ends at some time")
    let end = claims.expiresAt + TokenClaims.leewaySeconds
    let isRefused = (try? claims.checkTimes(now: end)) == nil
    try hold(isRefused, "a token that has ended is refused")
  }

  /// A set has a bounded number of keys, each of which refuses a signature that is none.
  static let jwks = FuzzTarget("jwks") { bytes in
    guard let keys = JSONWebKeySet(parsing: bytes) else { return }
    try hold(keys.count <= JSONWebKeySet.maximumKeys, "keys are bounded")
    let header = Base64URL.encode(Array(#"{"alg":"RS256","kid":"k"}"#.utf8))
    let token = try JSONWebSignature(compact: "\(header).e30.AQAB")
    for key in keys["k"] { try hold(!token.isSigned(by: key), "three bytes are no RSA signature") }
  }

  /// The public keys of examples: RFC 7515 A.2 and A.3, RFC 8037 A.2.
  private static let publishedKeys: JSONWebKeySet = {
    let modulus =
      "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-p"
      + "CgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2Ca"
      + "pHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb"
      + "54h4FRWyuXpoQ"
    let keys: JSONValue = [
      "keys": [
        ["kty": "RSA", "kid": "k", "n": .string(modulus), "e": "AQAB"],
        [
          "kty": "EC", "kid": "k", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
          "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        ],
        ["kty": "OKP", "kid": "k", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"],
      ]
    ]
    guard let set = JSONWebKeySet(parsing: keys.encoded()), set.count == 3 else {
      preconditionFailure("the published keys are keys")
    }
    return set
  }()
}
