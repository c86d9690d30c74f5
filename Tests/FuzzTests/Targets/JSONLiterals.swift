import FederationAPI
import JSON

@testable import Gateway

extension FuzzTarget {
  /// A secret that is text is written as JSON that reads the same, and anything else not at all.
  static let jsonLiterals = FuzzTarget("json-literals") { bytes in
    let literal = JSONStringLiteral.encode(bytes.span.bytes)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      try hold(literal == nil && JSONObjectLiteral.encode(["a": SecretBytes(bytes)]) == nil, "only text is written")
      return
    }
    try hold(literal?.copied == JSONStringLiteral.encode(text), "there is one way to write a text")
    let parsed = try JSONValue.parse(literal?.copied ?? [])
    try hold(parsed.string.map { $0.utf8.elementsEqual(text.utf8) } == true, "a text comes back")
    // One key twice is no literal of a dictionary.
    guard text != "é" else { return }
    let object = JSONObjectLiteral.encode([text: SecretBytes(bytes), "é": SecretBytes(bytes)])
    let members = try JSONValue.parse(object?.copied ?? [])
    try hold(members[text]?.string?.utf8.elementsEqual(text.utf8) == true, "a member comes back")
  }
}
