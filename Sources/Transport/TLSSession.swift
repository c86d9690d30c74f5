import CLinux
import COpenSSL

private let handshakeName = "TLS handshake"

/// One SSL on one socket.
struct TLSSession: ~Copyable {
  /// What a read, write or handshake step came to.
  enum Step {
    case done(Int)
    case wantsRead
    case wantsWrite
    case ended
    case failed(String)
  }

  let pointer: OpaquePointer
  private let context: TLSContext
  private let keyUpdates: UnsafeMutablePointer<copenssl_key_updates>
  /// Who judges the peer's certificates; nil where none are asked for, and for a client that goes by CA roots.
  let examination: PeerExamination?
  /// What a server says of this client's certificate; nil on a server's side.
  let alert: ReceivedAlert?

  init(server context: TLSContext, descriptor: Int32, peers: (any PeerVerifier)?) throws(TransportError) {
    let pointer = try TLSSession.make(context, descriptor)
    let examination = peers.map(PeerExamination.init)
    guard examination?.attach(to: pointer) ?? true else {
      SSL_free(pointer)
      throw .tls("SSL_set_ex_data")
    }
    self.pointer = pointer
    self.examination = examination
    alert = nil
    keyUpdates = TLSSession.limitKeyUpdates(pointer)
    self.context = context
    SSL_set_accept_state(pointer)
  }

  init(client tls: ClientTLS, descriptor: Int32, serverName: String) throws(TransportError) {
    let context = tls.context
    let pointer = try TLSSession.make(context, descriptor)
    let examination = tls.peers.map(PeerExamination.init)
    // SNI carries host names only (RFC 6066 section 3); an address is matched against the certificate's.
    let isAddress = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(pointer), serverName) == 1
    let isNamed =
      isAddress || (SSL_set1_host(pointer, serverName) == 1 && copenssl_set_server_name(pointer, serverName) == 1)
    guard isNamed, examination?.attach(to: pointer) ?? true else {
      SSL_free(pointer)
      throw .tls("server name \"\(serverName)\"")
    }
    ERR_clear_error()
    self.pointer = pointer
    self.examination = examination
    alert = ReceivedAlert()
    keyUpdates = TLSSession.limitKeyUpdates(pointer)
    self.context = context
    SSL_set_connect_state(pointer)
  }

  private static func limitKeyUpdates(_ session: OpaquePointer) -> UnsafeMutablePointer<copenssl_key_updates> {
    let updates = UnsafeMutablePointer<copenssl_key_updates>.allocate(capacity: 1)
    updates.initialize(to: copenssl_key_updates())
    copenssl_limit_key_updates(session, updates)
    return updates
  }

  private static func make(_ context: TLSContext, _ descriptor: Int32) throws(TransportError) -> OpaquePointer {
    guard let pointer = SSL_new(context.pointer) else { throw .tls("SSL_new") }
    guard SSL_set_fd(pointer, descriptor) == 1 else {
      SSL_free(pointer)
      throw .tls("SSL_set_fd")
    }
    return pointer
  }

  deinit {
    SSL_free(pointer)
    keyUpdates.deallocate()
  }

  borrowing func handshake() -> Step {
    copenssl_clear_errors()
    let result = SSL_do_handshake(pointer)
    return result == 1 ? .done(0) : step(result, handshakeName)
  }

  borrowing func read(into start: UnsafeMutableRawPointer, _ capacity: Int) -> Step {
    copenssl_clear_errors()
    let result = SSL_read(pointer, start, Int32(clamping: capacity))
    guard result > 0 else { return step(result, "TLS read") }
    keyUpdates.pointee.bytes_read += UInt64(result)
    return .done(Int(result))
  }

  borrowing func write(_ bytes: UnsafeRawBufferPointer) -> Step {
    copenssl_clear_errors()
    let result = SSL_write(pointer, bytes.baseAddress, Int32(clamping: bytes.count))
    return result > 0 ? .done(Int(result)) : step(result, "TLS write")
  }

  /// Reads on for the alert that a server has sent to a client, where nothing else was ever read.
  borrowing func lookForAlert() {
    guard alert != nil, keyUpdates.pointee.bytes_read == 0 else { return }
    var byte: UInt8 = 0
    _ = read(into: &byte, 1)
  }

  /// Whether a read can go on without the socket.
  var hasPending: Bool { SSL_has_pending(pointer) == 1 }

  /// Gives the record buffers back until there is something to read or write, unless they hold a part of a record.
  /// Returns whether it did.
  @discardableResult borrowing func releaseBuffers() -> Bool {
    // OpenSSL before 3.0.14 does it in the middle of a record too, and then reads memory that is freed (CVE-2024-4741).
    guard !hasPending, strcmp(SSL_rstate_string(pointer), "RH") == 0 else { return false }
    return SSL_free_buffers(pointer) == 1
  }

  /// Sends close_notify, as far as the socket takes it.
  borrowing func sendCloseNotify() {
    ERR_clear_error()
    _ = SSL_shutdown(pointer)
    ERR_clear_error()
  }

  var alpn: String? {
    var bytes: UnsafePointer<UInt8>?
    var length: UInt32 = 0
    SSL_get0_alpn_selected(pointer, &bytes, &length)
    guard let bytes, length > 0 else { return nil }
    return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(length)), as: UTF8.self)
  }

  private borrowing func step(_ result: Int32, _ operation: String) -> Step {
    switch SSL_get_error(pointer, result) {
    case SSL_ERROR_WANT_READ: return .wantsRead
    case SSL_ERROR_WANT_WRITE: return .wantsWrite
    case SSL_ERROR_ZERO_RETURN: return .ended
    case SSL_ERROR_SYSCALL:
      let reason = lastTLSReason() ?? TransportError.system(operation).description
      return .failed(reason)
    default:
      // After the first answer it is no longer about the handshake: TLS 1.3 has clients finish it first.
      if let alert, keyUpdates.pointee.bytes_read == 0 {
        alert.note(ERR_peek_last_error(), inHandshake: operation == handshakeName)
      }
      let verification = SSL_get_verify_result(pointer)
      let reason = lastTLSReason() ?? "unknown TLS error"
      guard verification != Int(X509_V_OK) else { return .failed("\(operation): \(reason)") }
      return .failed("\(operation): \(reason): \(String(cString: X509_verify_cert_error_string(verification)))")
    }
  }
}
