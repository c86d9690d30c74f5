import FederationAPI
import FederationProto

/// The parts of a Request frame around its payload, so that the payload is not copied to be framed.
struct RequestFrame {
  /// Header, service, method and the payload's tag and length.
  private(set) var head: [UInt8]
  /// Metadata, which holds the caller's token, and timeout.
  private(set) var tail: [UInt8]
  /// Bytes of data, payload included.
  let length: Int

  /// Frames a call on a stream that ``set(streamID:timeoutNanoseconds:)`` names.
  init(service: String, method: String, payloadCount: Int, metadata: [(key: String, value: String)]) {
    tail = []
    for (key, value) in metadata {
      let size = fieldSize(key.utf8.count) + fieldSize(value.utf8.count)
      tail.appendTag(5, count: size)
      tail.appendField(1, key)
      tail.appendField(2, value)
    }
    head = [UInt8](repeating: 0, count: FrameHeader.byteCount)
    head.appendField(1, service)
    head.appendField(2, method)
    head.appendTag(3, count: payloadCount)
    length = head.count - FrameHeader.byteCount + payloadCount + tail.count
  }

  /// Names the stream and says how much of the deadline is left, 0 for no deadline.
  mutating func set(streamID: UInt32, timeoutNanoseconds: Int64, flags: UInt8 = 0) {
    var length = length
    if timeoutNanoseconds != 0 {
      let before = tail.count
      tail.appendVarint(4 << 3)
      tail.appendVarint(UInt64(bitPattern: timeoutNanoseconds))
      length += tail.count - before
    }
    let header = FrameHeader(length: length, streamID: streamID, kind: FrameHeader.Kind.request, flags: flags).bytes
    for index in header.indices { head[index] = header[index] }
  }

  /// Names the stream of a frame that is complete but for it.
  mutating func name(streamID: UInt32) {
    for (index, byte) in [24, 16, 8, 0].enumerated() {
      head[4 + index] = UInt8(truncatingIfNeeded: streamID >> UInt32(byte))
    }
  }

  /// Overwrites the metadata, once it is sent.
  mutating func wipe() { tail.wipe() }

  /// What ``set(streamID:timeoutNanoseconds:)`` may add to ``length``.
  static let timeoutSize = 11
}

/// The parts of a Response frame.
enum ResponseFrame {
  /// Data bytes of a successful response. An OK status is left out, as the protocol allows.
  static func length(payloadCount: Int) -> Int { fieldSize(payloadCount) }

  /// A whole frame that carries an error.
  static func error(_ error: RPCError, streamID: UInt32) -> [UInt8] {
    let status = ErrorStatus.encoded(error)
    var frame = [UInt8](repeating: 0, count: FrameHeader.byteCount)
    frame.appendTag(1, count: status.count)
    frame += status
    let header = FrameHeader(
      length: frame.count - FrameHeader.byteCount, streamID: streamID, kind: FrameHeader.Kind.response
    ).bytes
    for index in header.indices { frame[index] = header[index] }
    return frame
  }

  /// Lends what stands before a successful response's payload: header, tag and length.
  static func withHead(payloadCount: Int, streamID: UInt32, _ body: (RawSpan) -> Void) {
    let header = FrameHeader(
      length: length(payloadCount: payloadCount), streamID: streamID, kind: FrameHeader.Kind.response
    ).bytes
    var head = InlineArray<24, UInt8>(repeating: 0)
    for index in header.indices { head[index] = header[index] }
    var end = FrameHeader.byteCount
    head[end] = 2 << 3 | 2
    end += 1
    var rest = UInt64(payloadCount)
    while rest >= 0x80 {
      head[end] = UInt8(truncatingIfNeeded: rest) | 0x80
      rest >>= 7
      end += 1
    }
    head[end] = UInt8(truncatingIfNeeded: rest)
    body(head.span.bytes.extracting(0..<end + 1))
  }
}

/// The size of a length-delimited field with a number below 16.
private func fieldSize(_ count: Int) -> Int {
  var size = 2 + count
  var rest = count >> 7
  while rest > 0 {
    size += 1
    rest >>= 7
  }
  return size
}

extension [UInt8] {
  fileprivate mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  fileprivate mutating func appendTag(_ number: Int, count: Int) {
    appendVarint(UInt64(number << 3 | 2))
    appendVarint(UInt64(count))
  }

  fileprivate mutating func appendField(_ number: Int, _ text: String) {
    appendTag(number, count: text.utf8.count)
    append(contentsOf: text.utf8)
  }
}
