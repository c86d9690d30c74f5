/// One value of a YAML document, with the line that it begins on.
public struct YAMLNode: Sendable, Equatable {
  /// What the value is made of.
  public enum Content: Sendable, Equatable {
    /// Text with its quotes and escapes resolved. Only a plain scalar may mean a number, a boolean or null.
    case scalar(String, isPlain: Bool)
    /// The items in order.
    case sequence([YAMLNode])
    /// The entries in order.
    case mapping([YAMLEntry])
  }

  /// The value.
  public var content: Content
  // A file of a million values has a million nodes: 32 bits are enough for its lines.
  private var shortLine: Int32

  /// The line it begins on, counted from 1.
  public var line: Int {
    get { Int(shortLine) }
    set { shortLine = Int32(clamping: newValue) }
  }

  /// Makes a node.
  public init(_ content: Content, line: Int) {
    self.content = content
    shortLine = Int32(clamping: line)
  }
}

/// One `key: value` of a mapping.
public struct YAMLEntry: Sendable, Equatable {
  /// The key's text.
  public var key: String
  /// The value.
  public var value: YAMLNode
  private var shortKeyLine: Int32
  /// Whether the key was written without quotes.
  public var isKeyPlain: Bool

  /// The line that the key stands on, counted from 1.
  public var keyLine: Int {
    get { Int(shortKeyLine) }
    set { shortKeyLine = Int32(clamping: newValue) }
  }

  /// Makes an entry.
  public init(key: String, keyLine: Int, isKeyPlain: Bool = true, value: YAMLNode) {
    self.key = key
    shortKeyLine = Int32(clamping: keyLine)
    self.isKeyPlain = isKeyPlain
    self.value = value
  }
}

extension YAMLNode {
  /// The value of the first entry named `key`; nil when there is none or this is no mapping.
  public subscript(key: String) -> YAMLNode? { entry(key)?.value }

  /// The line of the first entry named `key`; nil when there is none or this is no mapping.
  public func keyLine(of key: String) -> Int? { entry(key)?.keyLine }

  private func entry(_ key: String) -> YAMLEntry? {
    guard case .mapping(let entries) = content else { return nil }
    for index in entries.indices where entries[index].key == key { return entries[index] }
    return nil
  }
}
