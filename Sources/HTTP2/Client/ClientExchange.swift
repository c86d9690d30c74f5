import FederationAPI
import HTTP1
import Synchronization

/// One request of a client, from submission to its one result, whoever comes first with it.
final class ClientExchange: Sendable {
  typealias Outcome = Result<HTTP2Answer, HTTP2ClientFailure>

  private enum State {
    case running(CheckedContinuation<Outcome, Never>?)
    case finished(Outcome)
  }

  let fields: [HTTPFields.Field]
  let deadline: MonotonicTime?
  /// Where the parts of a streamed exchange go; nil for one whose answer is gathered.
  let stream: StreamSink?
  /// Whether the body that it was made with is all of it.
  let isWhole: Bool
  private let body: Mutex<[UInt8]?>
  private let state = Mutex(State.running(nil))

  /// What a streamed exchange tells, on the connection's loop, but for an end before that loop has it.
  struct StreamSink: Sendable {
    /// Part of the answer's body; gives how many bytes more the server may send.
    let received: @Sendable (RawSpan) -> Int
    /// The answer without its body, or what there is instead.
    let ended: @Sendable (Outcome) -> Void
  }

  init(
    _ fields: [HTTPFields.Field], body: [UInt8], deadline: MonotonicTime?, stream: StreamSink? = nil,
    isWhole: Bool = true
  ) {
    self.stream = stream
    self.isWhole = isWhole
    self.fields = fields
    self.body = Mutex(body)
    self.deadline = deadline
  }

  /// Hands the body over to be sent; nothing of it is kept here.
  func takeBody() -> [UInt8] {
    body.withLock { body in
      defer { body = nil }
      return body ?? []
    }
  }

  /// Whether the caller has its result.
  var isFinished: Bool {
    state.withLock { if case .finished = $0 { true } else { false } }
  }

  /// Gives the caller `outcome`, unless it has one.
  func finish(_ outcome: Outcome) {
    let (isFirst, continuation) = state.withLock { state -> (Bool, CheckedContinuation<Outcome, Never>?) in
      guard case .running(let continuation) = state else { return (false, nil) }
      state = .finished(outcome)
      return (true, continuation)
    }
    continuation?.resume(returning: outcome)
    if isFirst { stream?.ended(outcome) }
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

/// Requests on their way from the callers' threads to the connection's loop.
final class ExchangeQueue: Sendable {
  private struct State {
    var waiting: [ClientExchange] = []
    var end: HTTP2ClientFailure?
  }

  private let state = Mutex(State())

  /// Queues `exchange`; one that comes after the end fails at once.
  func submit(_ exchange: ClientExchange) {
    let end = state.withLock { state -> HTTP2ClientFailure? in
      if state.end == nil { state.waiting.append(exchange) }
      return state.end
    }
    if let end { exchange.finish(.failure(end)) }
  }

  /// Takes what is queued.
  func takeAll() -> [ClientExchange] {
    state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
  }

  /// Fails what is queued, and from now on every request.
  func end(_ failure: HTTP2ClientFailure) {
    state.withLock { $0.end = $0.end ?? failure }
    for exchange in takeAll() { exchange.finish(.failure(failure)) }
  }
}
