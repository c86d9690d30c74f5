/// Why a request is answered without being understood or carried out; the connection closes afterwards.
///
/// The message is for the caller and is made of constants and limits only: nothing of the request is in it.
public struct HTTPRefusal: Error, Equatable, Sendable {
  /// The status to answer with.
  public var status: Int
  /// One sentence without a full stop.
  public var message: String

  /// Makes a refusal.
  public init(status: Int, message: String) {
    self.status = status
    self.message = message
  }

  static func badRequest(_ message: String) -> HTTPRefusal {
    HTTPRefusal(status: 400, message: "bad request: \(message)")
  }

  /// Nothing is wrong with the request but its time.
  static let tooMuchUnfinished = HTTPRefusal(status: 503, message: "too many unfinished requests; retry later")

  static func bodyTooLarge(limit: Int) -> HTTPRefusal {
    HTTPRefusal(status: 413, message: "request too large: the body may hold \(limit) bytes")
  }
}
