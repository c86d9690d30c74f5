/// The canonical status codes of gRPC and ttrpc.
///
/// Source: google.rpc.Code; the numbers go over the wire.
public enum StatusCode: UInt32, Sendable, CaseIterable {
  /// The call succeeded.
  case ok = 0
  /// The caller gave the call up.
  case cancelled = 1
  /// The peer named a code that this program does not know.
  case unknown = 2
  /// The request is wrong whatever the state of the server.
  case invalidArgument = 3
  /// The deadline passed before the answer was there.
  case deadlineExceeded = 4
  /// What was asked for does not exist.
  case notFound = 5
  /// What was to be created exists.
  case alreadyExists = 6
  /// The caller is known but may not do this.
  case permissionDenied = 7
  /// A limit was reached: message size, queue, rate or connections.
  case resourceExhausted = 8
  /// The server is not in the state that the request needs.
  case failedPrecondition = 9
  /// A conflict ended the call; it may be tried again.
  case aborted = 10
  /// A value is past the valid range.
  case outOfRange = 11
  /// The service or method is not known here.
  case unimplemented = 12
  /// The server broke one of its own rules.
  case `internal` = 13
  /// The server or a backend cannot be reached now; try again.
  case unavailable = 14
  /// Stored data is damaged.
  case dataLoss = 15
  /// The caller gave no identity that could be verified.
  case unauthenticated = 16

  /// The code's name as the gRPC documents write it, for example `NOT_FOUND`.
  public var name: String {
    switch self {
    case .ok: "OK"
    case .cancelled: "CANCELLED"
    case .unknown: "UNKNOWN"
    case .invalidArgument: "INVALID_ARGUMENT"
    case .deadlineExceeded: "DEADLINE_EXCEEDED"
    case .notFound: "NOT_FOUND"
    case .alreadyExists: "ALREADY_EXISTS"
    case .permissionDenied: "PERMISSION_DENIED"
    case .resourceExhausted: "RESOURCE_EXHAUSTED"
    case .failedPrecondition: "FAILED_PRECONDITION"
    case .aborted: "ABORTED"
    case .outOfRange: "OUT_OF_RANGE"
    case .unimplemented: "UNIMPLEMENTED"
    case .internal: "INTERNAL"
    case .unavailable: "UNAVAILABLE"
    case .dataLoss: "DATA_LOSS"
    case .unauthenticated: "UNAUTHENTICATED"
    }
  }
}
