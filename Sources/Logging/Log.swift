import CLinux
import Synchronization

/// How much a line matters.
public enum LogLevel: Int, Sendable, Comparable, CaseIterable {
  /// Detail for a person who looks for a fault.
  case debug
  /// What an operator wants to see in normal running.
  case info
  /// Something is wrong, and the server goes on.
  case warning
  /// Something is wrong, and work was lost or refused because of it.
  case error

  /// The name in the log's `level` member.
  public var name: String {
    switch self {
    case .debug: "debug"
    case .info: "info"
    case .warning: "warn"
    case .error: "error"
    }
  }

  /// Orders by weight.
  public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }
}

/// JSON lines on stderr, one object a line: `time`, `level`, `event`, then the line's own fields.
///
/// No secret, token or body may be a field: log names, addresses, counts and reasons.
public struct Log: Sendable {
  private let state: State

  private final class State: Sendable {
    let level: LogLevel
    let sink: @Sendable (String) -> Void
    init(level: LogLevel, sink: @escaping @Sendable (String) -> Void) {
      self.level = level
      self.sink = sink
    }
  }

  /// Makes a log that drops lines below `level` and gives each other line, without its newline, to `sink`.
  public init(level: LogLevel, sink: @escaping @Sendable (String) -> Void = Log.writeToStandardError) {
    state = State(level: level, sink: sink)
  }

  /// Whether lines of `level` are written.
  public func writes(_ level: LogLevel) -> Bool { level >= state.level }

  /// Writes one line when `level` is high enough. `fields` stand in the order given.
  public func write(
    _ level: LogLevel, _ event: StaticString, _ fields: @autoclosure () -> KeyValuePairs<StaticString, String> = [:]
  ) {
    guard writes(level) else { return }
    state.sink(line(level, event, fields()) + "}")
  }

  /// The same for a line that anybody outside can cause: only if `limit` lets it through at `nanoseconds` of a monotonic
  /// clock. `suppressed_before` stands last, how many were held back in the second before.
  public func write(
    _ level: LogLevel, _ event: StaticString, within limit: LogLimit, at nanoseconds: UInt64,
    _ fields: @autoclosure () -> KeyValuePairs<StaticString, String>
  ) {
    guard writes(level), let suppressedBefore = limit.admit(at: nanoseconds) else { return }
    state.sink(line(level, event, fields()) + ",\"suppressed_before\":\"\(suppressedBefore)\"}")
  }

  private func line(
    _ level: LogLevel, _ event: StaticString, _ fields: KeyValuePairs<StaticString, String>
  ) -> String {
    var line = "{\"time\":\"\(timestamp())\",\"level\":\"\(level.name)\",\"event\":\(quoted("\(event)"))"
    for (key, value) in fields { line += ",\(quoted("\(key)")):\(quoted(value))" }
    return line
  }

  /// The sink that programs use: one write(2) a line, so that lines of several threads never mix.
  public static let writeToStandardError: @Sendable (String) -> Void = { line in
    var bytes = Array((line + "\n").utf8)
    bytes.withUnsafeMutableBytes { buffer in
      var rest = UnsafeRawBufferPointer(buffer)
      while rest.count > 0 {
        let written = CLinux.write(2, rest.baseAddress, rest.count)
        if written < 0 && clinux_errno() == EINTR { continue }
        guard written > 0 else { return }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
    }
  }
}

private func timestamp() -> String {
  let nanoseconds = clinux_clock_ns(CLOCK_REALTIME)
  var seconds = time_t(nanoseconds / 1_000_000_000)
  var parts = tm()
  gmtime_r(&seconds, &parts)
  func digits(_ value: Int32, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
  let milliseconds = Int32(nanoseconds / 1_000_000 % 1_000)
  return "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
    + "T\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):\(digits(parts.tm_sec, 2)).\(digits(milliseconds, 3))Z"
}

/// JSON string syntax (RFC 8259 section 7).
private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F:
      let hex = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
