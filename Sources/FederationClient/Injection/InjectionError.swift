/// Why secrets cannot be injected as asked: a flag that makes no sense, a value that does not fit, or a file
/// that cannot be written. Never holds a value.
public struct InjectionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One sentence that says what is wrong and what to do.
  public var message: String

  /// Makes an error.
  public init(_ message: String) { self.message = message }

  /// The message.
  public var description: String { message }
}
