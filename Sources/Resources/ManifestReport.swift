/// What is found while the files of one load are read, and what their manifests declare.
final class ManifestReport {
  /// The file being read.
  var file = ""
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var errorCount = 0

  func error(_ line: Int, _ message: String) {
    errorCount += 1
    diagnostics.append(Diagnostic(.error, at: location(line), message))
  }

  func warning(_ line: Int, _ message: String) {
    diagnostics.append(Diagnostic(.warning, at: location(line), message))
  }

  func location(_ line: Int) -> SourceLocation { SourceLocation(file: file, line: line) }
}
