import Synchronization

/// Carries one response from the client's thread to the one task that reads it.
final class BodyChannel: Sendable {
  /// The transfer is held back while at least this much waits for the reader, in bytes.
  static let roomyByteCount = 256 << 10

  private struct State {
    var head: HTTPResponse?
    var bytes: [UInt8] = []
    var end: Result<Void, HTTPClientError>?
    var isHeldBack = false
    var headWaiter: CheckedContinuation<Result<HTTPResponse, HTTPClientError>, Never>?
    var bodyWaiter: CheckedContinuation<Result<[UInt8]?, HTTPClientError>, Never>?

    mutating func takeBytes() -> [UInt8] {
      defer { bytes = [] }
      return bytes
    }
  }

  private let state = Mutex(State())

  /// The head has come. For the client's thread, as all that follows up to ``head()``.
  func begin(_ head: HTTPResponse) {
    let waiter = state.withLock { state in
      state.head = head
      return state.headWaiter.take()
    }
    waiter?.resume(returning: .success(head))
  }

  /// Takes a piece of the body; false when there is no room, and then the same piece must come again.
  func offer(_ piece: RawSpan) -> Bool {
    let (isTaken, waiter, bytes): (Bool, CheckedContinuation<Result<[UInt8]?, HTTPClientError>, Never>?, [UInt8]) =
      state.withLock { state in
        guard state.bytes.count < Self.roomyByteCount else {
          state.isHeldBack = true
          return (false, nil, [])
        }
        piece.withUnsafeBytes { state.bytes.append(contentsOf: $0) }
        guard let waiter = state.bodyWaiter.take() else { return (true, nil, []) }
        return (true, waiter, state.takeBytes())
      }
    waiter?.resume(returning: .success(bytes))
    return isTaken
  }

  /// The transfer is over. What was taken before can still be read.
  func finish(_ result: Result<Void, HTTPClientError>) {
    let (head, body) = state.withLock { state in
      state.end = result
      return (state.headWaiter.take(), state.bodyWaiter.take())
    }
    // A complete response has had its head.
    head?.resume(returning: result.flatMap { .failure(.closed) })
    body?.resume(returning: result.map { nil })
  }

  /// Waits for the head, or for the failure that came in its place.
  func head() async -> Result<HTTPResponse, HTTPClientError> {
    await withCheckedContinuation { continuation in
      let known: Result<HTTPResponse, HTTPClientError>? = state.withLock { state in
        if let head = state.head { return .success(head) }
        if let end = state.end { return end.flatMap { .failure(.closed) } }
        state.headWaiter = continuation
        return nil
      }
      if let known { continuation.resume(returning: known) }
    }
  }

  /// Waits for what comes next: never empty, nil at the end. `resume` is called when the transfer was held back.
  func next(resume: () -> Void) async -> Result<[UInt8]?, HTTPClientError> {
    await withCheckedContinuation { continuation in
      let (known, wasHeldBack): (Result<[UInt8]?, HTTPClientError>?, Bool) = state.withLock { state in
        if !state.bytes.isEmpty {
          defer { state.isHeldBack = false }
          return (.success(state.takeBytes()), state.isHeldBack)
        }
        if let end = state.end { return (end.map { nil }, false) }
        state.bodyWaiter = continuation
        return (nil, false)
      }
      if wasHeldBack { resume() }
      if let known { continuation.resume(returning: known) }
    }
  }
}
