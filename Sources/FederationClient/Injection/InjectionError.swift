/// Why secrets cannot be injected as asked: a flag that makes no sense, a value that does not fit, or a file
/// that cannot be written. Never holds a value.
public struct InjectionError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One sentence that says what is wrong and what to do.
  public var message: String

  /// Makes an error.
  public init(_ message: String) { self.message = message }

  /// The message.
  public var description: String { message }

  static func sameVariable(_ variable: String, _ first: InjectedValue, _ second: InjectedValue) -> InjectionError {
    InjectionError(
      "\(first) and \(second) would both set \(variable): say which with "
        + "--inject-on-env \(variable)=\(first) or --inject-on-env \(variable)=\(second)")
  }

  static func sameKey(_ path: String, _ first: InjectedValue, _ second: InjectedValue) -> InjectionError {
    InjectionError("\(path) cannot hold both \(first) and \(second): their keys are equal")
  }
}
