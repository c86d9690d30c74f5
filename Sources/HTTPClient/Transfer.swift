import CCurl
import Glibc
import Transport

/// One request on an easy handle of its own, from its options to its response.
///
/// Lives on the client's thread. Whoever adds ``handle`` to a multi handle removes it before letting go.
final class Transfer {
  let pending: PendingTransfer
  let handle: UnsafeMutableRawPointer
  /// Scheme, host and port, for errors.
  let server: String
  private let url: RequestURL
  private let body: UnsafeMutableRawBufferPointer
  private let errorText: UnsafeMutableBufferPointer<CChar>
  private var fields: UnsafeMutablePointer<curl_slist>?
  private var response: ResponseCollector
  /// Whether a request with ``HTTPRequest/isSentOnce`` has reached the point where its bytes leave.
  private var isSent = false

  /// Who judges servers' certificates; nil for the rules of CA roots.
  private let examination: PeerExamination?

  init(_ pending: PendingTransfer, examination: PeerExamination?) throws(HTTPClientError) {
    self.examination = examination
    let request = pending.request
    url = try RequestURL(request.url, allowsPlaintext: request.allowsPlaintext)
    let lines = try request.headerLines()
    guard let handle = curl_easy_init() else { throw HTTPClientError(.unreachable, "libcurl is out of memory") }
    self.pending = pending
    self.handle = handle
    server = url.server
    response = ResponseCollector(server: url.server, maximumBodyBytes: request.maximumBodyBytes)
    // libcurl reads a nil pointer as "ask the read callback", so an empty body has an address too.
    body = .allocate(byteCount: max(request.body?.count ?? 0, 1), alignment: 1)
    if let bytes = request.body { body.copyBytes(from: bytes) }
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0)
    for line in lines { fields = curl_slist_append(fields, line) }
    guard try configure(request) else {
      throw HTTPClientError(.invalidRequest, "\(server): libcurl refuses the request's options")
    }
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(fields)
    // A request's body may hold a credential.
    if let start = body.baseAddress { explicit_bzero(start, body.count) }
    body.deallocate()
    errorText.deallocate()
  }

  /// What libcurl's verdict and the collected bytes come to.
  func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPClientError> {
    if let failure = response.failure { return .failure(failure) }
    guard code == CURLE_OK else {
      if code == CURLE_ABORTED_BY_CALLBACK {
        return .failure(HTTPClientError(.unreachable, "\(server): the connection was lost before an answer came"))
      }
      if code == CURLE_PEER_FAILED_VERIFICATION, let refusal = examination?.refusal {
        return .failure(HTTPClientError(.tls, "\(server): \(refusal.reason)"))
      }
      let detail = errorText.baseAddress.map { String(cString: $0) } ?? ""
      return .failure(HTTPClientError(code, server: server, detail: detail))
    }
    return .success(response.response(status: status))
  }

  /// `error` with what is known of a request that is sent once.
  func withProgress(_ error: HTTPClientError) -> HTTPClientError {
    var error = error
    error.mayBeCarriedOut = isSent && !error.isClientRefused
    return error
  }

  private func configure(_ request: HTTPRequest) throws(HTTPClientError) -> Bool {
    var isAccepted = true
    func check(_ code: CURLcode) { isAccepted = isAccepted && code == CURLE_OK }
    func set(_ option: CURLoption, _ value: Int) { check(ccurl_setopt_long(handle, option, value)) }
    func set(_ option: CURLoption, _ text: String) { check(ccurl_setopt_pointer(handle, option, text)) }

    check(ccurl_setopt_pointer(handle, CURLOPT_CURLU, UnsafeRawPointer(url.handle)))
    set(CURLOPT_PROTOCOLS_STR, request.allowsPlaintext ? "https,http" : "https")
    set(CURLOPT_REDIR_PROTOCOLS_STR, "https")
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    set(CURLOPT_USERAGENT, "ese-federation")
    set(CURLOPT_NOPROXY, loopbackAndNoProxy)
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)

    set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, examination == nil ? 2 : 0)
    check(ccurl_setopt_on_tls_context(handle, prepareContext))
    if let examination {
      // A session that is resumed shows no certificate, and so nothing that could be judged.
      set(CURLOPT_SSL_SESSIONID_CACHE, 0)
      check(ccurl_setopt_pointer(handle, CURLOPT_SSL_CTX_DATA, Unmanaged.passUnretained(examination).toOpaque()))
    }
    if let certificates = request.caCertificates {
      guard !certificates.isEmpty else {
        throw HTTPClientError(.invalidRequest, "\(server): the request's CA certificates are empty")
      }
      // Without this libcurl would add the system's directory of roots to the blob.
      check(ccurl_setopt_pointer(handle, CURLOPT_CAPATH, nil))
      certificates.withUnsafeBytes { bytes in
        check(ccurl_setopt_blob(handle, CURLOPT_CAINFO_BLOB, bytes.baseAddress, bytes.count))
      }
    }

    if let client = request.clientCertificate { check(present(client)) }

    set(CURLOPT_NOSIGNAL, 1)
    // Otherwise giving a transfer up while its name is looked up would hold the thread until the lookup ends.
    set(CURLOPT_QUICK_EXIT, 1)
    switch pending.receiver {
    case .whole: set(CURLOPT_TIMEOUT_MS, milliseconds(request.timeoutSeconds))
    case .streamed:
      set(CURLOPT_LOW_SPEED_LIMIT, 1)
      set(CURLOPT_LOW_SPEED_TIME, Int(min(max(request.timeoutSeconds, 1), 86_400).rounded(.up)))
      // A peer that is gone without a word is noticed within a minute, however long silence is allowed.
      set(CURLOPT_TCP_KEEPIDLE, 30)
      set(CURLOPT_TCP_KEEPINTVL, 10)
    }
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(min(request.timeoutSeconds, request.connectTimeoutSeconds)))
    set(CURLOPT_TCP_KEEPALIVE, 1)

    setMethod(request, set)
    if request.onlyConnects { set(CURLOPT_CONNECT_ONLY, 1) }
    check(ccurl_setopt_pointer(handle, CURLOPT_HTTPHEADER, fields))
    check(ccurl_setopt_pointer(handle, CURLOPT_ERRORBUFFER, errorText.baseAddress))
    let context = Unmanaged.passUnretained(self).toOpaque()
    check(ccurl_setopt_pointer(handle, CURLOPT_WRITEDATA, context))
    check(ccurl_setopt_pointer(handle, CURLOPT_HEADERDATA, context))
    check(ccurl_setopt_receive(handle, CURLOPT_WRITEFUNCTION, receiveBody))
    check(ccurl_setopt_receive(handle, CURLOPT_HEADERFUNCTION, receiveHeaderLine))
    if request.isSentOnce {
      check(ccurl_setopt_pointer(handle, CURLOPT_PREREQDATA, context))
      check(ccurl_setopt_before_request(handle, beforeRequest))
    }
    return isAccepted
  }

  private func present(_ client: ClientCertificate) -> CURLcode {
    for option in [CURLOPT_SSLCERTTYPE, CURLOPT_SSLKEYTYPE] {
      let code = ccurl_setopt_pointer(handle, option, "PEM")
      guard code == CURLE_OK else { return code }
    }
    let code = client.certificates.withUnsafeBytes { bytes in
      ccurl_setopt_blob(handle, CURLOPT_SSLCERT_BLOB, bytes.baseAddress, bytes.count)
    }
    guard code == CURLE_OK else { return code }
    return client.privateKey.withUnsafeBytes { bytes in
      ccurl_setopt_blob(handle, CURLOPT_SSLKEY_BLOB, bytes.baseAddress, bytes.count)
    }
  }

  private func setMethod(_ request: HTTPRequest, _ set: (CURLoption, Int) -> Void) {
    let takesBody = request.body != nil || ["POST", "PUT", "PATCH"].contains(request.method)
    if takesBody {
      set(CURLOPT_POST, 1)
      ccurl_setopt_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body?.count ?? 0))
      ccurl_setopt_pointer(handle, CURLOPT_POSTFIELDS, body.baseAddress)
    } else if request.method == "HEAD" {
      set(CURLOPT_NOBODY, 1)
    }
    if request.method != "HEAD" || takesBody { ccurl_setopt_pointer(handle, CURLOPT_CUSTOMREQUEST, request.method) }
  }

  /// Called when the connection stands and the request is about to leave, again when libcurl wants to send it anew.
  fileprivate func mayLeave() -> Bool {
    defer { isSent = true }
    return !isSent
  }

  fileprivate func receive(body bytes: RawSpan) -> Reception {
    switch pending.receiver {
    case .whole: response.append(body: bytes) ? .taken : .refused
    case .streamed(let channel): channel.offer(bytes) ? .taken : .heldBack
    }
  }

  fileprivate func receive(headerLine bytes: RawSpan) -> Bool {
    guard response.append(headerLine: bytes) else { return false }
    if response.isHeaderComplete, case .streamed(let channel) = pending.receiver {
      // Interim responses (1xx) have heads of their own.
      if status >= 200 { channel.begin(response.response(status: status)) }
    }
    return true
  }

  private var status: Int {
    var status = 0
    ccurl_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status)
    return status
  }
}

/// What becomes of a piece of body.
private enum Reception {
  case taken
  case refused
  /// libcurl keeps it, reads no more, and offers it again once the transfer is resumed.
  case heldBack
}

// libcurl takes any count but the one it gave as a failure.
private func receiveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let context else { return 0 }
  let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  let span = UnsafeRawBufferPointer(start: bytes, count: size * count).bytes
  switch transfer.receive(body: span) {
  case .taken: return span.byteCount
  case .refused: return -1
  case .heldBack: return Int(CURL_WRITEFUNC_PAUSE)
  }
}

private func receiveHeaderLine(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes, let context else { return 0 }
  let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  let span = UnsafeRawBufferPointer(start: bytes, count: size * count).bytes
  return transfer.receive(headerLine: span) ? span.byteCount : -1
}

private func beforeRequest(
  _ context: UnsafeMutableRawPointer?, _: UnsafeMutablePointer<CChar>?, _: UnsafeMutablePointer<CChar>?, _: Int32,
  _: Int32
) -> Int32 {
  guard let context else { return CURL_PREREQFUNC_ABORT }
  let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  return transfer.mayLeave() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

// libcurl has a new SSL_CTX for each connection.
private func prepareContext(
  _: UnsafeMutableRawPointer?, _ tls: UnsafeMutableRawPointer?, _ examination: UnsafeMutableRawPointer?
) -> CURLcode {
  guard let tls else { return CURLE_SSL_CONNECT_ERROR }
  TLSRecordBuffers.releaseWhenRead(ofAll: OpaquePointer(tls))
  if let examination {
    Unmanaged<PeerExamination>.fromOpaque(examination).takeUnretainedValue().judge(allIn: OpaquePointer(tls))
  }
  return CURLE_OK
}

private func milliseconds(_ seconds: Double) -> Int {
  // 0 means "no limit" to libcurl, and a day is as long as any request may want.
  Int(min(max(seconds, 0.001), 86_400) * 1_000)
}

// CURLOPT_NOPROXY replaces the environment's list, so that list is carried over.
private let loopbackAndNoProxy: String = {
  let inherited = getenv("no_proxy") ?? getenv("NO_PROXY")
  let list = inherited.map { String(cString: $0) } ?? ""
  if list == "*" { return list }
  return "localhost,127.0.0.0/8,::1" + (list.isEmpty ? "" : ",\(list)")
}()
