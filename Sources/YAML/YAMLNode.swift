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
  /// The line it begins on, counted from 1.
  public var line: Int

  /// Makes a node.
  public init(_ content: Content, line: Int) {
    self.content = content
    self.line = line
  }
}

/// One `key: value` of a mapping.
public struct YAMLEntry: Sendable, Equatable {
  /// The key's text.
  public var key: String
  /// The line that the key stands on, counted from 1.
  public var keyLine: Int
  /// Whether the key was written without quotes.
  public var isKeyPlain: Bool
  /// The value.
  public var value: YAMLNode

  /// Makes an entry.
  public init(key: String, keyLine: Int, isKeyPlain: Bool = true, value: YAMLNode) {
    self.key = key
    self.keyLine = keyLine
    self.isKeyPlain = isKeyPlain
    self.value = value
  }
}

extension YAMLNode {
  /// The value of the first entry named `key`; nil when there is none or this is no mapping.
  public subscript(key: String) -> YAMLNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }
}
