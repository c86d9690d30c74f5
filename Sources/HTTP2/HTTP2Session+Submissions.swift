import CNghttp2
import HTTP1

/// What this side asks the session to send. All of it is queued; a stream that is gone by then is no error.
extension HTTP2Session {
  /// The head of an answer, and its end where no body follows.
  func submitResponse(_ streamID: Int32, _ fields: [HTTPFields.Field], hasBody: Bool) {
    withFields(fields) { pointer, fields, count in
      if hasBody {
        var body = nghttp2_data_provider()
        body.read_callback = HTTP2Session.readBody
        nghttp2_submit_response(pointer, streamID, fields, count, &body)
      } else {
        nghttp2_submit_response(pointer, streamID, fields, count, nil)
      }
    }
  }

  /// A head that is not the answer, such as `100 Continue`.
  func submitInterim(_ streamID: Int32, _ fields: [HTTPFields.Field]) {
    withFields(fields) { pointer, fields, count in
      _ = nghttp2_submit_headers(pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), streamID, nil, fields, count, nil)
    }
  }

  /// Fields that end a stream.
  func submitTrailers(_ streamID: Int32, _ fields: [HTTPFields.Field]) {
    withFields(fields) { _ = nghttp2_submit_trailer($0, streamID, $1, $2) }
  }

  /// A request with a body to come; the new stream's id, or nil when no stream can be opened.
  package func submitRequest(_ fields: [HTTPFields.Field]) -> Int32? {
    var body = nghttp2_data_provider()
    body.read_callback = HTTP2Session.readBody
    var streamID: Int32 = -1
    withFields(fields) { streamID = nghttp2_submit_request($0, nil, $1, $2, &body, nil) }
    return streamID > 0 ? streamID : nil
  }

  /// More of a body is there.
  func resumeBody(_ streamID: Int32) { nghttp2_session_resume_data(pointer, streamID) }

  /// Ends a stream at once.
  func submitReset(_ streamID: Int32, _ code: HTTP2ErrorCode) {
    nghttp2_submit_rst_stream(pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), streamID, code.rawValue)
  }

  /// Gives the peer back `count` bytes of window.
  package func consume(_ streamID: Int32, _ count: Int) { nghttp2_session_consume(pointer, streamID, count) }

  /// Gives the peer back `count` bytes of the connection's window, for a stream that is gone.
  func consumeConnection(_ count: Int) { nghttp2_session_consume_connection(pointer, count) }

  /// Says that no new stream will be taken after the last one so far.
  func submitGoAway(_ code: HTTP2ErrorCode, debug: String = "") {
    let text = Array(debug.utf8)
    let last = nghttp2_session_get_last_proc_stream_id(pointer)
    nghttp2_submit_goaway(pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, code.rawValue, text, text.count)
  }

  /// Says that a GOAWAY will follow, which costs no stream that is under way (RFC 9113 section 6.8).
  func submitShutdownNotice() { nghttp2_submit_shutdown_notice(pointer) }

  /// Asks for a sign of life.
  func submitPing() { nghttp2_submit_ping(pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil) }

  /// nghttp2 copies what it is lent.
  /// Fields that no table of either side is to keep for as long as the connection lives (RFC 7541 section 7.1.3).
  private static let secrets: Set = ["authorization", "x-workload-token"]

  private func withFields(
    _ fields: [HTTPFields.Field], _ body: (OpaquePointer, UnsafePointer<nghttp2_nv>?, Int) -> Void
  ) {
    var bytes: [UInt8] = []
    for field in fields {
      bytes += field.name.utf8
      bytes += field.value.utf8
    }
    bytes.withUnsafeMutableBufferPointer { text in
      guard var start = text.baseAddress else { return body(pointer, nil, 0) }
      let list = fields.map { field in
        let (name, value) = (field.name.utf8.count, field.value.utf8.count)
        defer { start += name + value }
        return nghttp2_nv(
          name: start, value: start + name, namelen: name, valuelen: value,
          flags: UInt8((Self.secrets.contains(field.name) ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE).rawValue))
      }
      list.withUnsafeBufferPointer { body(pointer, $0.baseAddress, $0.count) }
      // Requests carry tokens.
      for index in text.indices { text[index] = 0 }
    }
  }
}
