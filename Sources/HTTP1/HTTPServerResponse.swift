import FederationAPI

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

  /// What an answer carries.
  public enum Body: Sendable, Equatable {
    /// Bytes that anyone may see.
    case plain([UInt8])
    /// Bytes that are wiped once they are sent.
    case secret(SecretBytes)

    /// The number of bytes.
    public var count: Int {
      switch self {
      case .plain(let bytes): bytes.count
      case .secret(let bytes): bytes.count
      }
    }

    /// Lends the bytes to `body`.
    public func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
      switch self {
      case .plain(let bytes): body(bytes.span.bytes)
      case .secret(let bytes): bytes.withBytes(body)
      }
    }
  }

  /// The status code.
  public var status: Int
  /// The field lines besides those that the connection adds.
  public var fields: [Field]
  /// The body; it is not sent in answer to HEAD.
  public var body: Body
  /// How the call ended that this answers, for the connection to count; nil for what is not counted.
  public var outcome: CallOutcome?

  /// Makes an answer.
  public init(status: Int, fields: [Field] = [], body: Body = .plain([])) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// The value of the first field line called `name`, which is compared without regard to case.
  public subscript(name: String) -> String? {
    fields.first { equalsIgnoringCase($0.name[...].utf8, name) }?.value
  }
}
