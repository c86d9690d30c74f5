import Crypto
import JSON

/// A key that may verify tokens (RFC 7517 section 4).
struct JSONWebKey: Sendable {
  let publicKey: PublicKey
  /// Member `alg`: the one algorithm that the key may be used with; nil when any that fits will do.
  let algorithm: SignatureAlgorithm?

  /// nil for every key that cannot verify a token here; members that are not read may have any form.
  init?(_ value: JSONValue) {
    if let use = value["use"], use.word != "sig" { return nil }
    if let operations = value["key_ops"], operations.array?.contains(where: { $0.word == "verify" }) != true {
      return nil
    }
    guard let publicKey = Self.publicKey(value) else { return nil }
    self.publicKey = publicKey
    guard let name = value["alg"] else {
      algorithm = nil
      return
    }
    guard let algorithm = name.string.flatMap(SignatureAlgorithm.init(named:)),
      algorithm.keyType == publicKey.keyType
    else { return nil }
    self.algorithm = algorithm
  }

  /// Whether both verify the same signatures.
  func isSame(as other: JSONWebKey) -> Bool {
    algorithm == other.algorithm
      && (publicKey === other.publicKey || publicKey.components == other.publicKey.components)
  }

  private static func publicKey(_ value: JSONValue) -> PublicKey? {
    func number(_ name: String) -> [UInt8]? { value[name]?.string.flatMap { Base64URL.decode($0) } }
    switch (value["kty"]?.word, value["crv"]?.word) {
    case ("RSA", _):
      guard let modulus = number("n"), let exponent = number("e") else { return nil }
      return try? .rsa(modulus: modulus, exponent: exponent)
    case ("EC", let name?):
      guard let curve = EllipticCurve(rawValue: name), let x = number("x"), let y = number("y") else { return nil }
      return try? .ec(curve: curve, x: x, y: y)
    case ("OKP", "Ed25519"):
      return number("x").flatMap { try? .ed25519(x: $0) }
    default:
      return nil
    }
  }
}

extension JSONValue {
  /// The text when it is short enough to be one of the words of RFC 7517 and 7518: String's == takes time with the
  /// square of some texts' length.
  fileprivate var word: String? { string.flatMap { $0.utf8.count <= 32 ? $0 : nil } }
}

/// An issuer's keys by `kid` (RFC 7517 section 5). Keys that cannot be used are left out, one by one.
struct JSONWebKeySet: Sendable {
  /// How many members of `keys` are looked at.
  static let maximumKeys = 256
  // Not by String: who asks names the ID, and JSONName's hash takes time in line with its length.
  private var keysByID: [JSONName: [JSONWebKey]] = [:]
  /// How many members of `keys` were not looked at.
  let leftOut: Int

  /// nil when `body` is not a key set at all.
  init?(parsing body: [UInt8]) {
    guard let members = (try? JSONValue.parse(body))?["keys"]?.array else { return nil }
    leftOut = max(0, members.count - Self.maximumKeys)
    for member in members.prefix(Self.maximumKeys) {
      guard let keyID = member["kid"]?.string, let key = JSONWebKey(member) else { continue }
      keysByID[JSONName(keyID), default: []].append(key)
    }
  }

  /// How many keys can be used.
  var count: Int { keysByID.values.reduce(0) { $0 + $1.count } }

  /// Whether each of these keys is in `other`, too, under its ID.
  func areAll(in other: JSONWebKeySet) -> Bool {
    keysByID.allSatisfy { keyID, keys in
      let others = other.keysByID[keyID] ?? []
      return keys.allSatisfy { key in others.contains { $0.isSame(as: key) } }
    }
  }

  /// The keys of that ID; nearly always one.
  subscript(keyID: String) -> [JSONWebKey] {
    keysByID.place(of: JSONName(keyID)).map { keysByID.values[$0] } ?? []
  }
}
