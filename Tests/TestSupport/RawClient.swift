import CLinux
import Foundation
import Synchronization

/// A plaintext socket that sends exactly what a test says and collects what comes, on threads of its own.
public final class RawClient: Sendable {
  private struct Waiter {
    /// Nil waits for the end.
    var isDone: (@Sendable (String) -> Bool)?
    var continuation: CheckedContinuation<String, Never>
  }

  private struct State {
    var bytes: [UInt8] = []
    var hasEnded = false
    var waiters: [Waiter] = []
  }

  /// Nobody listens there.
  public struct ConnectError: Error {}

  private let descriptor: Int32
  private let state: Mutex<State>

  /// Connects to a loopback port, from 127.0.0.`host`. With `reads` false nothing is read until ``startReading()``.
  public init(port: UInt16, from host: UInt8 = 1, reads: Bool = true) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    state = Mutex(State())
    let isConnected =
      Self.with(host: host, port: 0) { bind(descriptor, $0, $1) } == 0
      && Self.with(host: 1, port: port) { connect(descriptor, $0, $1) } == 0
    guard isConnected else { throw ConnectError() }
    if reads { startReading() }
  }

  private static func with(host: UInt8, port: UInt16, _ body: (UnsafePointer<sockaddr>?, UInt32) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = (UInt32(0x7F00_0000) | UInt32(host)).bigEndian
    return withUnsafeBytes(of: &address) { bytes in
      body(bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, UInt32(bytes.count))
    }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  /// Sends `text` whole, unless the peer has closed.
  public func send(_ text: String) { send(Array(text.utf8)) }

  /// Sends `bytes` whole, unless the peer has closed.
  public func send(_ bytes: [UInt8]) { RawClient.send(bytes, to: descriptor) }

  /// Sends on a thread of its own, for more than the peer may take at once.
  public func sendInBackground(_ bytes: [UInt8]) {
    let own = dup(descriptor)
    Thread.detachNewThread {
      RawClient.send(bytes, to: own)
      close(own)
    }
  }

  /// Says that no more will be sent, and goes on reading.
  public func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Resets the connection, as a host does that lost it.
  public func reset() {
    var linger = CLinux.linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, UInt32(MemoryLayout.size(ofValue: linger)))
    // Connecting to no address dissolves the association, with a reset because of the linger time of 0; unlike
    // close it leaves the descriptor to the reading thread.
    var nowhere = sockaddr()
    nowhere.sa_family = sa_family_t(AF_UNSPEC)
    connect(descriptor, &nowhere, UInt32(MemoryLayout.size(ofValue: nowhere)))
  }

  /// Begins to collect what comes.
  public func startReading() {
    let own = dup(descriptor)
    Thread.detachNewThread { [weak self] in
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(own, &buffer, buffer.count)
        if count < 0, clinux_errno() == EINTR { continue }
        self?.received(count > 0 ? Array(buffer[..<count]) : nil)
        if count <= 0 { break }
      }
      close(own)
    }
  }

  /// What has come by the time that `isDone` likes it or the peer has ended.
  private func text(when isDone: (@Sendable (String) -> Bool)?) async -> String {
    await withCheckedContinuation { continuation in
      state.withLock { $0.waiters.append(Waiter(isDone: isDone, continuation: continuation)) }
      settle()
    }
  }

  /// What has come by the time that it contains `part` or the peer has ended.
  public func text(with part: String) async -> String { await text { $0.contains(part) } }

  /// All that comes until the peer ends.
  public func everything() async -> String { await text(when: nil) }

  /// Whether the peer has ended.
  public var hasEnded: Bool { state.withLock { $0.hasEnded } }

  private func received(_ bytes: [UInt8]?) {
    state.withLock { state in
      if let bytes { state.bytes += bytes } else { state.hasEnded = true }
    }
    settle()
  }

  private func settle() {
    let (text, done) = state.withLock { state in
      guard state.hasEnded || state.waiters.contains(where: { $0.isDone != nil }) else { return ("", [Waiter]()) }
      let text = String(decoding: state.bytes, as: UTF8.self)
      let isOver = state.hasEnded
      let done = state.waiters.filter { isOver || $0.isDone?(text) == true }
      state.waiters.removeAll { isOver || $0.isDone?(text) == true }
      return (text, done)
    }
    for waiter in done { waiter.continuation.resume(returning: text) }
  }

  private static func send(_ bytes: [UInt8], to descriptor: Int32) {
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes {
        CLinux.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      offset += count
    }
  }
}
