import CLinux

/// An answer. The connection adds `Date`, `Content-Length` and `Connection`.
public struct HTTPServerResponse: Sendable, Equatable {
  /// One field line of an answer.
  public struct Field: Sendable, Equatable {
    /// The name as it is to be written.
    public var name: String
    /// The value; control characters in it are written as spaces.
    public var value: String

    /// Makes a field.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The status code.
  public var status: Int
  /// The field lines besides those that the connection adds.
  public var fields: [Field]
  /// The body; it is not sent in answer to HEAD.
  public var body: [UInt8]
  /// Whether the body holds a secret, to be wiped once it is sent.
  public var isSecret: Bool

  /// Makes an answer.
  public init(status: Int, fields: [Field] = [], body: [UInt8] = [], isSecret: Bool = false) {
    self.status = status
    self.fields = fields
    self.body = body
    self.isSecret = isSecret
  }

  /// Overwrites the body with zeros, as far as this value is its only owner.
  mutating func wipe() {
    body.withUnsafeMutableBytes { bytes in
      if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
    }
  }
}
