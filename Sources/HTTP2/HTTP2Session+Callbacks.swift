import CNghttp2

/// From nghttp2's callbacks to the delegate.
extension HTTP2Session {
  static func set(_ callbacks: OpaquePointer) {
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, head, data in
      guard let head, let session = session(data) else { return 0 }
      let verdict = session.delegate.frameBegan(
        FrameKind(head.pointee.type), head.pointee.stream_id, length: head.pointee.length)
      return verdict == .next ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
    }
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, data in
      guard let frame, let session = session(data) else { return 0 }
      let isWanted = session.delegate.headersBegan(SessionFrame(frame).streamID)
      return isWanted ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameCount, value, valueCount, _, data in
      guard let frame, let session = session(data) else { return 0 }
      let verdict = session.delegate.field(
        SessionFrame(frame).streamID, name: span(name, nameCount).bytes, value: span(value, valueCount).bytes)
      return verdict == .next ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, streamID, bytes, count, data in
      session(data)?.delegate.data(streamID, span(bytes, count).bytes)
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, data in
      if let frame { session(data)?.delegate.received(SessionFrame(frame)) }
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, data in
      if let frame { session(data)?.delegate.sent(SessionFrame(frame)) }
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, streamID, code, data in
      session(data)?.delegate.streamClosed(streamID, HTTP2ErrorCode(rawValue: code))
      return 0
    }
    nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, head, count, _, data in
      guard let frame, let session = session(data) else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
      let hasRoom = session.delegate.sendBody(SessionFrame(frame).streamID, head: span(head, 9).bytes, count: count)
      return hasRoom ? 0 : NGHTTP2_ERR_WOULDBLOCK.rawValue
    }
  }

  /// Tells how much there is; the bytes themselves go from the stream to the connection, and never through nghttp2's
  /// own buffers: they may be secrets.
  static let readBody: nghttp2_data_source_read_callback = { _, streamID, _, room, flags, _, data in
    guard let session = session(data), let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
    switch session.delegate.bodyToSend(streamID, room: room) {
    case .later: return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    case .bytes(let count, let isLast, let hasTrailers):
      flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
      if isLast { flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
      if hasTrailers { flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue }
      return count
    }
  }
}

private func session(_ data: UnsafeMutableRawPointer?) -> HTTP2Session? {
  data.map { Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
}

private func span(_ start: UnsafePointer<UInt8>?, _ count: Int) -> UnsafeRawBufferPointer {
  UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
}
