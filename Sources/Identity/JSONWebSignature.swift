import Crypto
import FederationAPI
import JSON

/// A token in the compact form of RFC 7515 section 7.1, taken apart but not verified.
struct JSONWebSignature: Sendable {
  /// Header member `alg`.
  let algorithm: SignatureAlgorithm
  /// Header member `kid`.
  let keyID: String
  /// The payload, always an object.
  let claims: JSONValue
  private let signedText: [UInt8]
  private let signature: [UInt8]

  init(compact token: String) throws(Refusal) {
    let text = Array(token.utf8)
    guard text.count <= Limits.token else { throw Refusal("the token is too long") }
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw Refusal("the token does not have three parts") }
    let header = try Self.object(parts[0], named: "header")
    guard header["crit"] == nil else { throw Refusal("the header lists critical extensions") }
    guard let algorithm = header["alg"]?.string.flatMap(SignatureAlgorithm.init(rawValue:)) else {
      throw Refusal("the header's alg is not an accepted algorithm")
    }
    guard let keyID = header["kid"]?.string, !keyID.isEmpty else { throw Refusal("the header's kid is not a string") }
    guard let signature = Base64URL.decode(parts[2]), !signature.isEmpty else {
      throw Refusal("the signature is not base64url")
    }
    self.algorithm = algorithm
    self.keyID = keyID
    self.signature = signature
    claims = try Self.object(parts[1], named: "payload")
    signedText = Array(text[..<parts[1].endIndex])
  }

  /// Whether `key` made the signature. The key's own restrictions count (RFC 7517 section 4.4).
  func isSigned(by key: JSONWebKey) -> Bool {
    guard key.algorithm == nil || key.algorithm == algorithm else { return false }
    return key.publicKey.verify(signature: signature, of: signedText, algorithm: algorithm)
  }

  /// Decodes one part, which must be a JSON object.
  static func object(_ part: ArraySlice<UInt8>, named name: StaticString) throws(Refusal) -> JSONValue {
    guard let bytes = Base64URL.decode(part) else { throw Refusal("the \(name) is not base64url") }
    do {
      let value = try JSONValue.parse(bytes, maximumByteCount: Limits.token)
      guard case .object = value else { throw Refusal("the \(name) is not a JSON object") }
      return value
    } catch let error as JSONError {
      throw Refusal("the \(name): \(error)")
    } catch {
      throw Refusal("the \(name) is not a JSON object")
    }
  }
}
