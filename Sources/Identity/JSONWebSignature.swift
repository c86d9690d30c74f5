import Crypto
import FederationAPI
import JSON

/// A token in the compact form of RFC 7515 section 7.1, taken apart but not verified.
final class JSONWebSignature: Sendable {
  /// Header member `alg`.
  let algorithm: SignatureAlgorithm
  /// Header member `kid`.
  let keyID: String
  /// The payload's bytes, whatever they are.
  let payload: [UInt8]
  private let token: String
  private let signedByteCount: Int
  private let signature: [UInt8]

  init(compact token: String, headers: HeaderMemory? = nil) throws(Refusal) {
    guard token.utf8.count <= Limits.token else { throw Refusal("the token is too long") }
    let text = token.utf8.span.bytes
    guard let dots = Self.dots(in: text) else { throw Refusal("the token does not have three parts") }
    let header = try HeaderMemory.header(text.extracting(0..<dots.first), headers)
    guard let signature = Base64URL.decode(text.extracting(dots.second + 1..<text.byteCount)), !signature.isEmpty else {
      throw Refusal("the signature is not base64url")
    }
    algorithm = header.algorithm
    keyID = header.keyID
    self.signature = signature
    payload = try TokenPart.decode(text.extracting(dots.first + 1..<dots.second), named: "payload")
    signedByteCount = dots.second
    self.token = token
  }

  /// Whether `key` made the signature. The key's own restrictions count (RFC 7517 section 4.4).
  func isSigned(by key: JSONWebKey) -> Bool {
    guard key.algorithm == nil || key.algorithm == algorithm else { return false }
    let signed = token.utf8.span.bytes.extracting(0..<signedByteCount)
    return key.publicKey.verify(signature: signature, of: signed, algorithm: algorithm)
  }

  /// Where the dots are in a text that has exactly two.
  static func dots(in text: RawSpan) -> (first: Int, second: Int)? {
    let dot = UInt8(ascii: ".")
    guard let first = text.firstIndex(of: dot, from: 0), let second = text.firstIndex(of: dot, from: first + 1),
      text.firstIndex(of: dot, from: second + 1) == nil
    else { return nil }
    return (first, second)
  }
}

extension JSONWebSignature {
  /// What decides how the token is verified.
  struct Header: Sendable {
    let algorithm: SignatureAlgorithm
    let keyID: String

    init(_ part: RawSpan) throws(Refusal) {
      var algorithmName = TokenMember<String>.absent
      var keyID = TokenMember<String>.absent
      var listsExtensions = false
      let bytes = try TokenPart.decode(part, named: "header")
      try TokenPart.read(bytes, named: "header") { name, reader, text throws(JSONError) in
        if reader.isEqual(name, "alg", in: text) {
          algorithmName = try reader.readText(in: text)
        } else if reader.isEqual(name, "kid", in: text) {
          keyID = try reader.readText(in: text)
        } else {
          listsExtensions = listsExtensions || reader.isEqual(name, "crit", in: text)
          try reader.skip(try reader.next(in: text), in: text)
        }
      }
      guard !listsExtensions else { throw Refusal("the header lists critical extensions") }
      guard let algorithm = algorithmName.value.flatMap(SignatureAlgorithm.init(named:)) else {
        throw Refusal("the header's alg is not an accepted algorithm")
      }
      guard let keyID = keyID.value, !keyID.isEmpty else { throw Refusal("the header's kid is not a string") }
      self.algorithm = algorithm
      self.keyID = keyID
    }
  }
}
