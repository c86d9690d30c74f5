import CNghttp2

/// A frame that came or was sent, as far as anybody asks (RFC 9113 section 4).
package struct SessionFrame {
  /// Which frame it is.
  package enum Kind { case data, headers, reset, settings, ping, goAway, other }

  /// What it is.
  package let kind: Kind
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
    switch UInt32(facts.type) {
    case NGHTTP2_DATA.rawValue: kind = .data
    case NGHTTP2_HEADERS.rawValue: kind = .headers
    case NGHTTP2_RST_STREAM.rawValue: kind = .reset
    case NGHTTP2_SETTINGS.rawValue: kind = .settings
    case NGHTTP2_PING.rawValue: kind = .ping
    case NGHTTP2_GOAWAY.rawValue: kind = .goAway
    default: kind = .other
    }
    // END_STREAM and ACK are the same bit.
    let lowestFlag = facts.flags & 1 != 0
    endsStream = lowestFlag && (kind == .data || kind == .headers)
    isAcknowledgement = lowestFlag && (kind == .settings || kind == .ping)
    isEmpty = facts.length <= facts.padding
  }
}
