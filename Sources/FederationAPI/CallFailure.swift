/// A call that gave no result, and how far it came: what decides whether a call that must not be carried out twice
/// may be made again.
public struct CallFailure: Error, Equatable, Sendable {
  /// How far a call came before it ended.
  public enum Progress: Sendable {
    /// Nothing of it was sent, and nothing will be.
    case unsent
    /// It was sent, and no answer came that could be read: it may have been carried out.
    case unanswered
    /// The server itself answered with the error.
    case refused
  }

  /// What ended the call.
  public var error: RPCError
  /// How far it came.
  public var progress: Progress

  /// Makes a failure.
  public init(_ error: RPCError, _ progress: Progress) {
    self.error = error
    self.progress = progress
  }
}
