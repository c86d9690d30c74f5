/// One thing to say about a manifest: where it stands, what is wrong and what to do.
///
/// Messages name fields, kinds and object names; they never hold the value of a secret.
public struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
  /// Whether the manifests can be used.
  public enum Severity: Sendable, Hashable {
    /// The manifest was left out; a reload that has errors must not replace a good snapshot.
    case error
    /// The manifest was taken, and something about it deserves a look.
    case warning
  }

  /// How much it matters.
  public var severity: Severity
  /// Where it stands.
  public var location: SourceLocation
  /// What is wrong and what to do, one line without a full stop; names from manifests stand in backticks.
  public var message: String

  /// Makes a diagnostic.
  public init(_ severity: Severity, at location: SourceLocation, _ message: String) {
    self.severity = severity
    self.location = location
    self.message = message
  }

  /// Whether this keeps the manifests from being used.
  public var isError: Bool { severity == .error }

  /// `file:line: message`, as editors and CI systems read it; warnings have `warning: ` before the message.
  public var description: String {
    severity == .error ? "\(location): \(message)" : "\(location): warning: \(message)"
  }
}
