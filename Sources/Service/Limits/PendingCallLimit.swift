import FederationAPI
import Synchronization

/// Bounds how many calls wait for something outside; past it a caller is told at once instead of queueing.
final class PendingCallLimit: Sendable {
  private let maximum: Int
  private let refusal: RPCError
  private let refused: RefusedCalls.Counter
  private let count = Atomic<Int>(0)

  /// Past `maximum` calls get `refusal`, and `refused` counts them.
  init(_ maximum: Int, refusal: RPCError = .serverBusy, refused: RefusedCalls.Counter) {
    self.maximum = maximum
    self.refusal = refusal
    self.refused = refused
  }

  /// Counts `reply` while it waits; `whenRefused` hears of it when it may not. Answers that are ready cost nothing.
  func bound<Value>(
    _ reply: Reply<Value>, whenRefused: @escaping @Sendable (RPCError) -> Void = { _ in }
  ) -> Reply<Value> {
    guard case .pending(let work) = reply else { return reply }
    return .pending {
      defer { self.count.subtract(1, ordering: .relaxed) }
      guard self.count.add(1, ordering: .relaxed).newValue <= self.maximum else {
        self.refused.add()
        whenRefused(self.refusal)
        return .failure(self.refusal)
      }
      return await work()
    }
  }
}

extension RPCError {
  /// No one caller's doing, so that waiting does not surely help.
  static let serverBusy = RPCError(
    .resourceExhausted, "server busy: too many calls wait for a backend; retry later")
}
