/// Why a template cannot be used, or could not be applied.
///
/// Names positions, functions, fields and keys as the template's author wrote them; never a value.
public struct TemplateError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The line, counted from 1.
  public var line: Int
  /// The byte in the line, counted from 1.
  public var column: Int
  /// What is wrong and, where it can, what to do.
  public var message: String

  /// `LINE:COLUMN: message`.
  public var description: String { "\(line):\(column): \(message)" }

  init(_ source: [UInt8], at offset: Int, _ message: String) {
    let before = source[..<min(offset, source.count)]
    line = 1 + before.count { $0 == UInt8(ascii: "\n") }
    column = 1 + before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count
    self.message = message
  }
}

/// What is wrong, where the position is known to the caller.
struct TemplateFault: Error {
  var message: String
  init(_ message: String) { self.message = message }
}
