import FederationAPI

/// One member of a JSON object, cut out of a secret.
public struct JSONMember: Sendable {
  /// The member's name.
  public let name: String
  /// A string's content, nothing for `null`, and else the value as it was written: what External Secrets makes of it.
  public let content: SecretBytes
  /// The value as compact JSON text.
  public let text: SecretBytes
  /// Whether the value is a string or `null`, so that ``content`` is no JSON text.
  public let isPlain: Bool
}

extension SecretBytes {
  /// Members that one object may have.
  public static let maximumMembers = 10_000

  /// The members of the JSON object that this is, in its order; of two with one name the last. Nil when it is none, or has
  /// more than ``maximumMembers``.
  public func jsonMembers() -> [JSONMember]? {
    withBytes { text in
      do throws(JSONScanner.Malformed) { try JSONScanner.validate(text) } catch { return nil }
      let object = text.extracting(JSONProperty.trimmed(text))
      guard object.unsafeLoad(fromByteOffset: 0, as: UInt8.self) == UInt8(ascii: "{") else { return nil }
      var members: [JSONMember] = []
      var places: [[UInt8]: Int] = [:]
      var scanner = JSONScanner()
      // The text is valid, so the scanner throws nothing here.
      try? scanner.members(object) { (name, value) throws(JSONScanner.Malformed) in
        let name = JSONString.decoded(object.extracting(name))
        let member = JSONMember(String(decoding: name, as: UTF8.self), object.extracting(value))
        if let place = places.updateValue(members.count, forKey: name) {
          places[name] = place
          members[place] = member
        } else {
          members.append(member)
        }
        return members.count > Self.maximumMembers
      }
      return members.count > Self.maximumMembers ? nil : members
    }
  }
}

extension JSONMember {
  fileprivate init(_ name: String, _ value: RawSpan) {
    self.name = name
    var compact = JSONProperty.compact(value)
    text = SecretBytes(compact)
    wipe(&compact)
    switch value.unsafeLoad(fromByteOffset: 0, as: UInt8.self) {
    case UInt8(ascii: "\""):
      var decoded = JSONString.decoded(value)
      content = SecretBytes(decoded)
      wipe(&decoded)
      isPlain = true
    case UInt8(ascii: "n"):
      content = SecretBytes("")
      isPlain = true
    default:
      content = SecretBytes(value)
      isPlain = false
    }
  }
}
