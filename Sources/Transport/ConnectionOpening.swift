import CLinux
import FederationAPI

/// From a connected or accepted socket to an open connection, and the dispatch of events.
extension Connection {
  func handle(_ events: UInt32) {
    let failed = events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
    switch state {
    case .connecting: connected()
    case .handshaking:
      heardAt = loop.now
      queueHandshake()
    case .open:
      if events & EPOLLOUT.rawValue != 0 { flush() }
      if events & EPOLLIN.rawValue != 0 {
        heardAt = loop.now
        readAndDeliver()
      } else if failed {
        destroy(isInputEnded ? .peerClosed : .transportError("connection reset by peer"))
      }
    case .closing:
      if failed { destroy(.peerClosed) } else if events & EPOLLOUT.rawValue != 0 { flush() }
    case .lingering:
      discardInput()
    case .closed: break
    }
  }

  func fire(_ tag: UInt64) {
    switch tag {
    case TimerTag.handshake:
      switch state {
      case .connecting, .handshaking: destroy(.timeout("handshake"))
      case .open, .closing, .lingering, .closed: break
      }
    case TimerTag.writeStall: stallTimerFired()
    case TimerTag.linger: finish()
    default: if case .open = state { handler?.timerFired(tag, on: self) }
    }
  }

  private func connected() {
    let error = socket.pendingError()
    guard error == 0 else { return destroy(.transportError(String(cString: strerror(error)))) }
    startHandshake()
  }

  /// Starts TLS where there is TLS.
  func startHandshake() {
    guard tls != nil else { return becomeOpen() }
    state = .handshaking
    switch role {
    // Who has connected speaks first.
    case .server: updateInterest()
    case .client: continueHandshake()
    }
  }

  private func queueHandshake() {
    guard !isHandshakeQueued else { return }
    isHandshakeQueued = true
    // Epoll has told of it, and tells no more.
    interest = 0
    loop.queueHandshake(self)
  }

  /// Takes the step that this connection was queued for, unless it was closed meanwhile.
  func takeHandshakeStep() {
    isHandshakeQueued = false
    if case .handshaking = state { continueHandshake() }
  }

  private func continueHandshake() {
    wantsWritable = false
    switch tls?.handshake() ?? .done(0) {
    case .done:
      alpn = tls?.alpn
      becomeOpen()
    case .wantsRead: updateInterest()
    case .wantsWrite:
      wantsWritable = true
      updateInterest()
    case .ended: destroy(.peerClosed)
    case .failed(let reason):
      let refusal = tls?.examination?.refusal?.reason
      if let examination = tls?.examination {
        examination.verifier.handshakeFailed(refusal ?? reason, peer: peer)
      }
      destroy(failure(refusal ?? reason))
    }
  }

  private func becomeOpen() {
    let examination = tls?.examination
    if let examination, examination.identity == nil { return destroy(.transportError("the peer proved nothing")) }
    state = .open
    if examination != nil { notePeerProved() }
    updateInterest()
    switch role {
    case .server(_, let makeHandler):
      if tls != nil { loop.counts.handshakesCompleted &+= 1 }
      handler = makeHandler(alpn, examination?.identity)
      handler?.opened(self)
    case .client(let makeHandler, let completion):
      handler = makeHandler(alpn)
      handler?.opened(self)
      completion(.success(reference))
    }
    if loop.isDraining { beginDraining() }
    // What came with the last handshake flight waits inside OpenSSL, where epoll cannot see it.
    loop.markReady(self)
  }

  func beginDraining() {
    switch state {
    case .open:
      // What the kernel holds already was sent before the peer could know; it is answered, not dropped.
      continueInput()
      if case .open = state { handler?.drain(on: self) }
    case .connecting: destroy(.draining)
    // Whoever is in the middle of it may end it and be told; whoever only holds a socket must not hold up the drain.
    case .handshaking: setInternalTimer(TimerTag.handshake, after: 1)
    case .closing, .lingering, .closed: break
    }
  }
}
