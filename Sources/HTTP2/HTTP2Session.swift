import CNghttp2

/// nghttp2's view of one connection: frames, HPACK, stream states and flow control (RFC 9113, RFC 7541).
///
/// It does no I/O. What it gives back of memory is wiped, because decoded headers hold tokens.
package final class HTTP2Session {
  /// Which end of the connection this is.
  package enum Role { case server, client }

  /// What becomes of the rest of a header block.
  package enum Verdict {
    /// The next field, please.
    case next
    /// No further byte of this connection is to be read.
    case stop
  }

  /// What a stream's body has for a DATA frame.
  package enum BodyPart: Equatable {
    /// So many bytes; `isLast` when nothing follows, and `hasTrailers` when fields do.
    case bytes(Int, isLast: Bool, hasTrailers: Bool)
    /// Nothing yet.
    case later
  }

  /// Why a session is over.
  package struct Failure: Error {
    let code: Int32
    /// In nghttp2's words.
    package var description: String { String(cString: nghttp2_strerror(code)) }

    /// What the peer is told.
    var errorCode: HTTP2ErrorCode {
      switch code {
      case NGHTTP2_ERR_FLOODED.rawValue, NGHTTP2_ERR_TOO_MANY_CONTINUATIONS.rawValue: .enhanceYourCalm
      case NGHTTP2_ERR_NOMEM.rawValue, NGHTTP2_ERR_CALLBACK_FAILURE.rawValue: .internalError
      default: .protocolError
      }
    }
  }

  unowned let delegate: any HTTP2SessionDelegate
  let pointer: OpaquePointer
  /// Whether the session is on the stack: it must not be asked to send from its own callbacks.
  private(set) var isBusy = false

  /// Starts a session, with its settings queued. `delegate` must outlive it.
  package init(_ role: Role, limits: HTTP2Limits, delegate: any HTTP2SessionDelegate) throws(Failure) {
    self.delegate = delegate
    var callbacks: OpaquePointer?
    var options: OpaquePointer?
    guard nghttp2_session_callbacks_new(&callbacks) == 0, let callbacks, nghttp2_option_new(&options) == 0, let options
    else { throw Failure(code: NGHTTP2_ERR_NOMEM.rawValue) }
    defer {
      nghttp2_session_callbacks_del(callbacks)
      nghttp2_option_del(options)
    }
    HTTP2Session.set(callbacks)
    HTTP2Session.set(options, limits)
    var memory = SessionMemory.functions
    var session: OpaquePointer?
    let make = role == .server ? nghttp2_session_server_new3 : nghttp2_session_client_new3
    let status = make(&session, callbacks, nil, options, &memory)
    guard status == 0, let session else { throw Failure(code: status) }
    pointer = session
    // The session dies with this object, so it cannot call back to one that is gone.
    nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
    try submitSettings(role, limits)
  }

  deinit { nghttp2_session_del(pointer) }

  private static func set(_ options: OpaquePointer, _ limits: HTTP2Limits) {
    // Window is given back as handlers take what came, not as it comes.
    nghttp2_option_set_no_auto_window_update(options, 1)
    nghttp2_option_set_no_closed_streams(options, 1)
    nghttp2_option_set_max_outbound_ack(options, limits.outboundAcknowledgements)
    nghttp2_option_set_max_continuations(options, limits.continuationFrames)
    // Behind our own count, which says ENHANCE_YOUR_CALM where the library says INTERNAL_ERROR.
    nghttp2_option_set_stream_reset_rate_limit(
      options, UInt64(limits.resets.burst) * 2, UInt64(limits.resets.perSecond) * 2)
    // White space around values is trimmed as over HTTP/1, not refused: the same question, the same answer.
    nghttp2_option_set_no_rfc9113_leading_and_trailing_ws_validation(options, 1)
  }

  private func submitSettings(_ role: Role, _ limits: HTTP2Limits) throws(Failure) {
    var settings = [
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: UInt32(limits.streamWindow)),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue), value: UInt32(limits.headerListBytes)),
      // RFC 9218: priorities of RFC 7540 would only be work.
      nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue), value: 1),
    ]
    switch role {
    case .server:
      settings.append(
        nghttp2_settings_entry(
          settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), value: UInt32(limits.concurrentStreams))
      )
    case .client:
      settings.append(
        nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0))
    }
    try check(nghttp2_submit_settings(pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count))
    try check(
      nghttp2_session_set_local_window_size(
        pointer, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Int32(limits.connectionWindow)))
  }

  private func check(_ status: Int32) throws(Failure) { if status != 0 { throw Failure(code: status) } }

  // MARK: Bytes

  /// Reads what came.
  package func receive(_ bytes: RawSpan) throws(Failure) {
    isBusy = true
    defer { isBusy = false }
    let count = bytes.withUnsafeBytes { raw in
      nghttp2_session_mem_recv(pointer, raw.baseAddress?.assumingMemoryBound(to: UInt8.self), raw.count)
    }
    if count < 0 { throw Failure(code: Int32(count)) }
  }

  /// Lends the next bytes to send to `body`. False when there are none, or when the delegate had no room.
  package func send(_ body: (RawSpan) -> Void) throws(Failure) -> Bool {
    isBusy = true
    defer { isBusy = false }
    var bytes: UnsafePointer<UInt8>?
    let count = nghttp2_session_mem_send(pointer, &bytes)
    if count < 0 { throw Failure(code: Int32(count)) }
    guard count > 0, let bytes else { return false }
    body(UnsafeRawBufferPointer(start: bytes, count: count).bytes)
    return true
  }

  /// Whether neither side has anything to say any more.
  var isOver: Bool { nghttp2_session_want_read(pointer) == 0 && nghttp2_session_want_write(pointer) == 0 }
}
