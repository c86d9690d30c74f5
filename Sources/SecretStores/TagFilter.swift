import JSON

/// A tag, label or other note that a backend keeps beside a secret. Texts are compared by bytes.
public struct SecretTag: Sendable, Hashable {
  /// Its key.
  public let key: String
  /// Its value, possibly empty.
  public let value: String

  /// Makes a tag.
  public init(key: String, value: String) {
    self.key = key
    self.value = value
  }

  /// Compares bytes: Swift's own `==` takes two spellings of one character for the same.
  public static func == (left: SecretTag, right: SecretTag) -> Bool {
    left.key.utf8.elementsEqual(right.key.utf8) && left.value.utf8.elementsEqual(right.value.utf8)
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(Array(key.utf8))
    hasher.combine(Array(value.utf8))
  }
}

/// Which keys of a store are meant, by what its backend knows of them.
public struct TagFilter: Sendable, Hashable {
  /// All of these a key has to have; every key is meant where there are none.
  public let tags: [SecretTag]
  /// How the keys begin that are wanted. A store for which each key costs a question may leave others out.
  public let prefix: [UInt8]

  /// Makes a filter; the order of `tags` does not matter.
  public init(_ tags: [SecretTag] = [], prefix: String = "") {
    self.tags = tags.sorted { ($0.key, $0.value) < ($1.key, $1.value) }
    self.prefix = Array(prefix.utf8)
  }

  /// Whether a key has every tag, of which `tags` are all.
  public func isMet(by tags: [SecretTag]) -> Bool { self.tags.allSatisfy(tags.contains) }

  /// Whether a key has every tag, of which the members of `tags` are all. What is no text is no tag.
  public func isMet(by tags: [JSONName: JSONValue]) -> Bool {
    self.tags.allSatisfy { tags[JSONName($0.key)]?.string?.utf8.elementsEqual($0.value.utf8) == true }
  }
}
