/// What a caller is told when a call fails, on every wire.
///
/// The message is for the caller: it never holds a secret, a token or an inner address.
/// What only an operator may know goes to the log.
public struct RPCError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The canonical code, never ``StatusCode/ok``.
  public var code: StatusCode
  /// One sentence without a full stop that says what is wrong and, where it can, what to do.
  public var message: String
  /// How long the caller is asked to wait before it calls again; nil when waiting alone is not known to help.
  public var retryAfterSeconds: Double?
  /// What is wrong with the caller's own proof; nil for all else, and for what a server answers. No wire carries it.
  public var credentialProblem: CredentialProblem?

  /// Makes an error.
  public init(
    _ code: StatusCode, _ message: String, retryAfterSeconds: Double? = nil,
    credentialProblem: CredentialProblem? = nil
  ) {
    self.code = code
    self.message = message
    self.retryAfterSeconds = retryAfterSeconds
    self.credentialProblem = credentialProblem
  }

  /// For example `NOT_FOUND: no secret "db" in store "vault"`.
  public var description: String { "\(code.name): \(message)" }

  /// The same error, which is about the caller's own proof.
  package func about(_ problem: CredentialProblem) -> RPCError {
    var error = self
    error.credentialProblem = problem
    return error
  }

  /// The one answer to every failed authentication, so that the text tells a guesser nothing.
  public static let unauthenticated = RPCError(.unauthenticated, "Unauthorized")

  /// The one answer to every missing grant: unknown subject, store and key cannot be told apart.
  public static let notAuthorized = RPCError(.permissionDenied, "Not Found")

  /// What a call gets whose deadline passes on either side.
  package static let deadlinePassed = RPCError(
    .deadlineExceeded, "the deadline passed before the answer was there")

  /// What a call gets whose answer finds too much unsent before it.
  package static let notReadFastEnough = RPCError(
    .resourceExhausted, "answers on this connection are not read fast enough; read them, or make fewer calls at once")
}
