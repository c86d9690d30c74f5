/// What is found while the files of one load are read, and what their manifests declare.
final class ManifestReport {
  /// The file being read.
  var file = ""
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var errorCount = 0
  private let maximum: Int
  private var unlisted: Diagnostic.Severity?

  /// Keeps the first `maximum` diagnostics: one slip in a template may stand in a million entries.
  init(maximum: Int) { self.maximum = maximum }

  /// Whether what is yet to be said will not be listed.
  var isFull: Bool { diagnostics.count >= maximum }

  func error(_ line: Int, _ message: @autoclosure () -> String) {
    errorCount += 1
    if isFull {
      unlisted = .error
    } else {
      diagnostics.append(Diagnostic(.error, at: location(line), message()))
    }
  }

  func warning(_ line: Int, _ message: @autoclosure () -> String) {
    if isFull {
      unlisted = unlisted ?? .warning
    } else {
      diagnostics.append(Diagnostic(.warning, at: location(line), message()))
    }
  }

  /// Says, when it is so, that there is more than the diagnostics; as grave as the gravest of what is not listed.
  func unlisted(at directory: String) -> [Diagnostic] {
    guard let unlisted else { return [] }
    let location = SourceLocation(file: directory, line: 0)
    return [Diagnostic(unlisted, at: location, "there is more to report than these \(maximum); repair these first")]
  }

  func location(_ line: Int) -> SourceLocation { SourceLocation(file: file, line: line) }
}
