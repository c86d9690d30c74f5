import Crypto
import JSON
import TestSupport

/// Where keys are published. Clusters that only differ in what the server knows of them share the main site.
enum IssuerSite: String, CaseIterable, Sendable {
  case main
  case other
  case twinOne = "twin-one"
  case twinTwo = "twin-two"

  init(cluster: String) { self = IssuerSite(rawValue: cluster) ?? .main }
}

/// One HTTPS issuer with its own keys.
struct TestIssuerSite: Sendable {
  /// By key ID.
  let keys: [String: TestSigningKey]
  private let issuer: OIDCIssuer

  /// `https://127.0.0.1:PORT`.
  var url: String { issuer.url }

  init(_ site: IssuerSite, ca: TestCertificateAuthority) throws {
    let rsa = try PrivateKey.generate(for: .rs256)
    var keys: [String: TestSigningKey] = [:]
    for algorithm in SignatureAlgorithm.allCases {
      let key = algorithm.keyType == .rsa ? rsa : try .generate(for: algorithm)
      keys[algorithm.rawValue] = TestSigningKey(keyID: algorithm.rawValue, algorithm: algorithm, privateKey: key)
    }
    for name in ["no-alg", "x5c"] { keys[name] = TestSigningKey(keyID: name, algorithm: .rs256, privateKey: rsa) }
    self.keys = keys
    issuer = try OIDCIssuer.start(
      certificate: try ca.issue(label: "issuer-\(site.rawValue)"), issuer: ConformanceWorld.issuer(site.rawValue),
      keySet: Self.keySet(keys))
  }

  /// The keys, among members and keys that a reader has to step over.
  private static func keySet(_ keys: [String: TestSigningKey]) -> JSONValue {
    var published: [JSONValue] = [
      "not an object", ["kty": "oct", "kid": "secret", "k": "AAAA"], ["kty": "EC", "crv": "P-9", "kid": "curve"],
      ["kty": "RSA", "kid": 5, "n": "AQAB", "e": "AQAB"], ["kty": "RSA", "kid": "small", "n": "AQAB", "e": "AQAB"],
    ]
    for (name, key) in keys {
      guard case .object(var members) = key.jwk else { continue }
      if name == "no-alg" { members["alg"] = nil }
      if name == "x5c" {
        members["x5c"] = ["MIIB", 1]
        members["x5t#S256"] = .null
      }
      published.append(.object(members))
    }
    return ["keys": .array(published), "cached": true]
  }
}
