import FederationAPI
import Synchronization

/// One call of a client, from submission to its one result, whoever comes first with it: the answer, the
/// deadline, the caller's cancellation or the connection's end.
final class ClientCall: Sendable {
  typealias Outcome = Result<[UInt8], RPCError>

  private enum State {
    case running(CheckedContinuation<Outcome, Never>?)
    case finished(Outcome)
  }

  /// When the caller stops waiting.
  let deadline: MonotonicTime?
  private let request: Mutex<Request?>
  private let state = Mutex(State.running(nil))

  /// What is to be sent.
  struct Request: Sendable {
    var frame: RequestFrame
    var payload: [UInt8]
  }

  init(frame: RequestFrame, payload: [UInt8], deadline: MonotonicTime?) {
    request = Mutex(Request(frame: frame, payload: payload))
    self.deadline = deadline
  }

  /// Hands the request over to be sent; nothing of it is kept while the answer is awaited.
  func takeRequest() -> Request? {
    request.withLock { request in
      defer { request = nil }
      return request
    }
  }

  /// Whether the caller has its result.
  var isFinished: Bool {
    state.withLock { if case .finished = $0 { true } else { false } }
  }

  /// Gives the caller `outcome`, unless it has one.
  func finish(_ outcome: Outcome) {
    let continuation = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
      guard case .running(let continuation) = state else { return nil }
      state = .finished(outcome)
      return continuation
    }
    continuation?.resume(returning: outcome)
  }

  /// Waits for the result. Called once.
  func outcome() async -> Outcome {
    await withCheckedContinuation { continuation in
      let known = state.withLock { state -> Outcome? in
        if case .finished(let outcome) = state { return outcome }
        state = .running(continuation)
        return nil
      }
      if let known { continuation.resume(returning: known) }
    }
  }
}
