/// Why a text was refused as JSON.
public enum JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Longer than the limit, in bytes.
  case tooLarge(limit: Int)
  /// Arrays and objects nested deeper than the limit.
  case tooDeep(limit: Int)
  /// An object names one member twice.
  case duplicateMember
  /// Not a JSON text (RFC 8259) in UTF-8.
  case malformed

  /// One sentence without a full stop.
  public var description: String {
    switch self {
    case .tooLarge(let limit): "the JSON text is longer than \(limit) bytes"
    case .tooDeep(let limit): "the JSON text is nested deeper than \(limit) levels"
    case .duplicateMember: "a JSON object names one member twice"
    case .malformed: "not a JSON text"
    }
  }
}
