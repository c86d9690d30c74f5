import FederationAPI
import Transport

/// What the HTTP/1 connections of one event loop share.
final class HTTP1LoopState {
  /// Any object would do, as long as it is always the same.
  static let owner = Owner()
  final class Owner: Sendable {}

  private var date = HTTPDate()
  private var readAt = MonotonicTime(nanoseconds: 0)
  private var seconds: Int64 = 0

  /// Lends the `Date` field line of this turn, which began at `now`.
  func withDateLine(at now: MonotonicTime, _ body: (RawSpan) -> Void) {
    if readAt != now {
      readAt = now
      seconds = WallClock.nowSeconds
    }
    date.withLine(at: seconds, body)
  }
}

/// The short way from a request to its answer: for requests that are here as a whole and whose answer is in memory.
extension HTTP1ServerConnection {
  /// Answers the request that `bytes` starts with and returns its length; nil when nothing was done and the parser has
  /// to look.
  func answerAtOnce(_ bytes: RawSpan, on connection: Connection) -> Int? {
    guard let exchange, let loopState, let head = ImmediateHead(bytes, limits: limits),
      let length = exchange.prepare(
        target: bytes.extracting(head.target), authorization: bytes.extracting(head.authorization),
        body: bytes.extracting(head.body), now: connection.now)
    else { return nil }
    let fieldLines = exchange.fieldLines
    loopState.withDateLine(at: connection.now) { date in
      let contentLength = DecimalDigits(length)
      let count =
        statusLine.utf8CodeUnitCount + date.byteCount + fieldLines.count + lengthName.utf8CodeUnitCount
        + contentLength.count + 4 + length
      connection.write(count) { room in
        var writer = RoomWriter(room)
        writer.append(statusLine)
        writer.append(date)
        writer.append(fieldLines.span.bytes)
        writer.append(lengthName)
        writer.append(contentLength)
        writer.append("\r\n\r\n")
        exchange.writeBody(to: writer.rest)
      }
    }
    if let immediateMethod { counts?.answered(.http1, immediateMethod, .ok) }
    if !connection.isPeerProved { connection.notePeerProved() }
    awaitRequest(on: connection)
    return head.body.upperBound
  }
}

private let statusLine: StaticString = "HTTP/1.1 200 OK\r\n"
private let lengthName: StaticString = "Content-Length: "

/// Fills memory from front to back.
private struct RoomWriter {
  private(set) var rest: UnsafeMutableRawBufferPointer

  init(_ room: UnsafeMutableRawBufferPointer) { rest = room }

  mutating func append(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { append($0) }
  }

  mutating func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func append(_ number: DecimalDigits) {
    for index in (0..<number.count).reversed() {
      rest[0] = number.digits[index]
      rest = UnsafeMutableRawBufferPointer(rebasing: rest[1...])
    }
  }

  private mutating func append(_ bytes: UnsafeRawBufferPointer) {
    rest.copyMemory(from: bytes)
    rest = UnsafeMutableRawBufferPointer(rebasing: rest[bytes.count...])
  }
}

/// A number's digits, the last one first.
private struct DecimalDigits {
  private(set) var digits = InlineArray<20, UInt8>(repeating: 0)
  private(set) var count = 0

  init(_ number: Int) {
    var rest = number
    repeat {
      digits[count] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      count += 1
      rest /= 10
    } while rest > 0
  }
}
