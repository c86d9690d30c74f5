import CNghttp2

/// What a frame is for (RFC 9113 section 6), as far as anybody asks.
package enum FrameKind {
  case data, headers, priority, reset, settings, ping, goAway, other

  init(_ type: UInt8) {
    switch UInt32(type) {
    case NGHTTP2_DATA.rawValue: self = .data
    case NGHTTP2_HEADERS.rawValue: self = .headers
    case NGHTTP2_PRIORITY.rawValue: self = .priority
    case NGHTTP2_RST_STREAM.rawValue: self = .reset
    case NGHTTP2_SETTINGS.rawValue: self = .settings
    case NGHTTP2_PING.rawValue: self = .ping
    case NGHTTP2_GOAWAY.rawValue: self = .goAway
    default: self = .other
    }
  }
}

/// A frame that came or was sent, as far as anybody asks (RFC 9113 section 4).
package struct SessionFrame {
  /// What it is.
  package let kind: FrameKind
  let streamID: Int32
  /// RST_STREAM's and GOAWAY's.
  let errorCode: HTTP2ErrorCode
  /// END_STREAM of DATA and HEADERS.
  let endsStream: Bool
  /// ACK of SETTINGS and PING.
  let isAcknowledgement: Bool
  /// DATA without any.
  let isEmpty: Bool

  init(_ frame: UnsafePointer<nghttp2_frame>) {
    let facts = cnghttp2_facts(frame)
    streamID = facts.stream_id
    errorCode = HTTP2ErrorCode(rawValue: facts.error_code)
    kind = FrameKind(facts.type)
    // END_STREAM and ACK are the same bit.
    let lowestFlag = facts.flags & 1 != 0
    endsStream = lowestFlag && (kind == .data || kind == .headers)
    isAcknowledgement = lowestFlag && (kind == .settings || kind == .ping)
    isEmpty = facts.length <= facts.padding
  }
}
