/// A member's name; two are the same only when their bytes are.
///
/// Not a `String`, whose hash and `==` bring a text into Unicode's normal form first: that takes time with the square
/// of a run of combining marks, and lets one member be spelled in several ways.
public struct JSONName: Sendable, Hashable, CustomStringConvertible {
  /// The name itself.
  public let text: String

  /// The name that `text` spells.
  public init(_ text: String) { self.text = text }

  /// The name itself.
  public var description: String { text }

  /// Whether the bytes are the same.
  public static func == (left: JSONName, right: JSONName) -> Bool {
    let (left, right) = (left.text.utf8.span.bytes, right.text.utf8.span.bytes)
    guard left.byteCount == right.byteCount else { return false }
    return left.withUnsafeBytes { left in right.withUnsafeBytes { left.elementsEqual($0) } }
  }

  /// Feeds the bytes, and an end that no UTF-8 holds.
  public func hash(into hasher: inout Hasher) {
    text.utf8.span.bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    hasher.combine(UInt8(0xFF))
  }
}

extension JSONName: ExpressibleByStringLiteral {
  /// The name as written.
  public init(stringLiteral value: String) { text = value }
}

extension Dictionary where Key == JSONName {
  /// The value of the member `name`.
  public subscript(name: String) -> Value? {
    get { self[JSONName(name)] }
    set { self[JSONName(name)] = newValue }
  }
}
