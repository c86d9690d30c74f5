/// Where something stands in a manifest.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
  /// The file's path: the directory as it was given, then the path below it.
  public var file: String
  /// The line, counted from 1; 0 means the file as a whole.
  public var line: Int

  /// Makes a location.
  public init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  /// `file:line`, or `file` alone when the line is 0.
  public var description: String { line > 0 ? "\(file):\(line)" : file }
}
