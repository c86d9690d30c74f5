/// The field lines of one request, in the order in which they came (RFC 9110 section 5).
public struct HTTPFields: Sendable, Equatable {
  /// One field line.
  public struct Field: Sendable, Equatable {
    /// The name in lower case.
    public var name: String
    /// The value without the white space around it.
    public var value: String

    /// Makes a field; `name` must be in lower case.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Every field line.
  public private(set) var all: [Field]

  /// Starts with `all`.
  public init(_ all: [Field] = []) { self.all = all }

  /// Adds a field line at the end.
  public mutating func append(_ field: Field) { all.append(field) }

  /// The value of the first field line called `name` (in lower case), or nil.
  public subscript(name: String) -> String? {
    for field in all where field.name == name { return field.value }
    return nil
  }

  /// The values of every field line called `name` (in lower case).
  public func values(of name: String) -> [String] {
    all.compactMap { $0.name == name ? $0.value : nil }
  }

  /// Whether the comma-separated list in `name` (in lower case) has `token`, which is compared without regard to case.
  public func list(_ name: String, has token: String) -> Bool {
    for field in all where field.name == name {
      for member in field.value.utf8.split(separator: UInt8(ascii: ","))
      where equalsIgnoringCase(trimmed(member), token) {
        return true
      }
    }
    return false
  }
}

private func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
  var text = text
  while let first = text.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
  while let last = text.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
  return text
}

/// Compares ASCII text without regard to case.
func equalsIgnoringCase(_ left: Substring.UTF8View, _ right: String) -> Bool {
  left.lazy.map(lowercased).elementsEqual(right.utf8.lazy.map(lowercased))
}

/// Turns ASCII capitals into small letters and leaves every other byte alone.
func lowercased(_ byte: UInt8) -> UInt8 {
  byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
}
