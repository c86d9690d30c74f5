import HTTPClient
import JSON

/// Why the API did not do what it was asked.
public struct KubernetesError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What a caller can act on.
  public enum Kind: String, Sendable {
    /// 401: the credentials are not accepted.
    case unauthorized
    /// 403: RBAC or an admission rule forbids it.
    case forbidden
    /// 404: there is no such object, or the API does not know the type.
    case notFound
    /// 409 with reason AlreadyExists: an object of that name is there.
    case alreadyExists
    /// 409 with another reason: the object is not in the state that the request was made for.
    case conflict
    /// 410: the resourceVersion or continue token is too old.
    case expired
    /// 422: the object breaks the rules of its kind, which ``KubernetesError/causes`` tells.
    case invalid
    /// 429 and 5xx: the same request may succeed later.
    case unavailable
    /// Any other status.
    case refused
    /// No connection, it broke, or nothing came in time.
    case unreachable
    /// The TLS handshake failed.
    case tls
    /// An answer past a limit.
    case tooLarge
    /// An answer that is not what the API writes.
    case malformed
    /// The credentials or the request could not be put together.
    case misconfigured
    /// The task was cancelled.
    case cancelled
  }

  /// One fault of an object (`details.causes` of a Status).
  public struct Cause: Equatable, Sendable {
    /// The field's path, empty for the whole object.
    public var field: String
    /// What is wrong with it.
    public var message: String
  }

  /// What went wrong.
  public var kind: Kind
  /// One sentence on what failed and what to do about it.
  public var message: String
  /// The faults of an object that is ``Kind/invalid``.
  public var causes: [Cause] = []
  /// How long the server asks to wait before the next try, in seconds.
  public var retryAfterSeconds: Double?

  /// Makes an error.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// Whether the same request may succeed later by itself.
  public var isRetryable: Bool { kind == .unavailable || kind == .unreachable || kind == .tls }

  /// The message.
  public var description: String { message }
}

extension KubernetesError {
  /// What a failed exchange means.
  init(_ error: HTTPClientError, _ operation: Operation) {
    let kind: Kind =
      switch error.kind {
      case .unreachable, .timeout: .unreachable
      case .tls: .tls
      case .tooLarge: .tooLarge
      case .invalidRequest: .misconfigured
      case .cancelled: .cancelled
      }
    let advice = error.kind == .tls ? "; check the certificate authority that the configuration names" : ""
    self.init(kind, "cannot \(operation.title): \(error.message)\(advice)")
  }

  /// What an answer of `status` with `body`, most times a Status object, means.
  init(status: Int, body: [UInt8], retryAfter: String?, _ operation: Operation) {
    let parsed = try? JSONValue.parse(body)
    self.init(status: status, answer: parsed?["kind"]?.string == "Status" ? parsed : nil, operation)
    if let seconds = retryAfter.flatMap(Double.init), seconds >= 0 { retryAfterSeconds = seconds }
  }

  /// What a Status object means, sent as an answer or within a watch.
  init(status: Int, answer: JSONValue?, _ operation: Operation) {
    let reason = answer?["reason"]?.string ?? ""
    let details = answer?["details"]
    let kind = Kind(status: status, reason: reason)
    // A validation message may quote the value that it refuses.
    let isSecret = operation.type == .secrets
    let causes = (details?["causes"]?.array ?? []).prefix(20).map { cause in
      let text = isSecret ? cause["reason"]?.string : cause["message"]?.string
      return Cause(field: printable(cause["field"]?.string ?? ""), message: printable(text ?? ""))
    }
    let mayShow = !isSecret || ![.invalid, .refused].contains(kind)
    let said = mayShow ? answer?["message"]?.string.map(printable) : nil
    self.init(kind, Self.message(kind, status: status, said: said, reason: reason, causes: causes, operation))
    self.causes = causes
    if let seconds = details?["retryAfterSeconds"]?.number, seconds >= 0 { retryAfterSeconds = seconds }
  }

  private static func message(
    _ kind: Kind, status: Int, said: String?, reason: String, causes: [Cause], _ operation: Operation
  ) -> String {
    let title = "cannot \(operation.title)"
    let saying = said.map { " (\($0))" } ?? ""
    switch kind {
    case .forbidden:
      return "\(title): forbidden; let a Role or ClusterRole of this account allow the verb `\(operation.verb)` on "
        + "`\(operation.resource)` in API group `\(operation.type.group)`\(saying)"
    case .unauthorized:
      return "\(title): the API server does not accept these credentials; check that the token or certificate is "
        + "of this cluster and has not expired"
    case .notFound where operation.name == nil:
      return "\(title): the API server does not serve `\(operation.type.plural)` in \(operation.type.apiVersion); "
        + "install its CustomResourceDefinition"
    case .notFound: return "\(title): not found"
    case .alreadyExists: return "\(title): it exists already"
    case .conflict: return "\(title): it was changed in between; read it again\(saying)"
    case .expired: return "\(title): the version asked for is no longer kept; list again"
    case .invalid where !causes.isEmpty:
      let faults = causes.map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" }
      return "\(title): invalid: \(faults.joined(separator: "; "))"
    case .unavailable: return "\(title): the API server cannot now, status \(status)\(saying)"
    default:
      return "\(title): status \(status)" + (said.map { ": \($0)" } ?? (reason.isEmpty ? "" : ": \(printable(reason))"))
    }
  }
}

extension KubernetesError.Kind {
  fileprivate init(status: Int, reason: String) {
    self =
      switch status {
      case 401: .unauthorized
      case 403: .forbidden
      case 404: .notFound
      case 409: reason == "AlreadyExists" ? .alreadyExists : .conflict
      case 410: .expired
      case 413: .tooLarge
      case 422: .invalid
      case 429, 500...599: .unavailable
      default: .refused
      }
  }
}

/// The beginning of a text from outside, without control characters.
func printable(_ text: String) -> String {
  let scalars = text.unicodeScalars.prefix(500).map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
  return String(String.UnicodeScalarView(scalars))
}
