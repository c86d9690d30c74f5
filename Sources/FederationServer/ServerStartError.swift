import Resources

/// Why a server could not start; the text says what to mend.
public enum ServerStartError: Error, Sendable, CustomStringConvertible {
  /// The manifests have errors, each with file and line.
  case invalidManifests([Diagnostic])
  /// A listener, certificate, data directory or library could not be set up.
  case setup(String)
  /// The task was cancelled before the server could serve.
  case interrupted

  /// One line for each problem.
  public var description: String {
    switch self {
    case .invalidManifests(let diagnostics): diagnostics.map(\.description).joined(separator: "\n")
    case .setup(let reason): reason
    case .interrupted: "stopped before it could serve"
    }
  }
}
