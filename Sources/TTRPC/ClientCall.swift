import FederationAPI
import Synchronization

/// One call of a client, from submission to its one result, whoever comes first with it: the answer, the
/// deadline, the caller's cancellation or the connection's end.
final class ClientCall: Sendable {
  typealias Outcome = Result<[UInt8], RPCError>

  private enum State {
    case running(CheckedContinuation<Outcome, Never>?)
    case finished(Outcome, CallFailure.Progress)
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

  /// How far the call came by the time it was finished.
  var progress: CallFailure.Progress {
    state.withLock { if case .finished(_, let progress) = $0 { progress } else { .unanswered } }
  }

  /// Gives the caller `outcome`, unless it has one. `isAnswer` says that the server sent it.
  func finish(_ outcome: Outcome, isAnswer: Bool = false) {
    // Taking the request settles it: either the loop had it before, or nobody can send it any more.
    let isUnsent = takeRequest() != nil
    let progress: CallFailure.Progress = isUnsent ? .unsent : isAnswer ? .refused : .unanswered
    let continuation = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
      guard case .running(let continuation) = state else { return nil }
      state = .finished(outcome, progress)
      return continuation
    }
    continuation?.resume(returning: outcome)
  }

  /// Waits for the result. Called once.
  func outcome() async -> Outcome {
    await withCheckedContinuation { continuation in
      let known = state.withLock { state -> Outcome? in
        if case .finished(let outcome, _) = state { return outcome }
        state = .running(continuation)
        return nil
      }
      if let known { continuation.resume(returning: known) }
    }
  }
}
