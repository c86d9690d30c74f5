import CCurl
import Synchronization

/// Set once, when the task that waits for a transfer is cancelled.
final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)

  var isSet: Bool { flag.load(ordering: .acquiring) }
  func set() { flag.store(true, ordering: .releasing) }
}

/// A request that waits for the client's thread.
struct PendingTransfer: Sendable {
  let request: HTTPRequest
  let cancellation: Cancellation
  let receiver: TransferReceiver
}

/// Who gets what comes of a transfer.
enum TransferReceiver: Sendable {
  /// The complete response at its end.
  case whole(CheckedContinuation<Result<HTTPResponse, HTTPClientError>, Never>)
  /// The head, and the body as it comes.
  case streamed(BodyChannel)

  func finish(_ result: Result<HTTPResponse, HTTPClientError>) {
    switch self {
    case .whole(let continuation): continuation.resume(returning: result)
    case .streamed(let channel): channel.finish(result.map { _ in })
    }
  }
}

/// What the client's callers leave for its thread.
final class TransferQueue: Sendable {
  struct Commands {
    var started: [PendingTransfer] = []
    var cancelled: [Cancellation] = []
    /// Transfers, named by what cancels them, whose reader has room again.
    var resumed: [Cancellation] = []
    var isClosed = false
  }

  private struct State {
    var commands = Commands()
    var isRunning = true
  }

  private let state = Mutex(State())
  // Of all calls on a multi handle, only curl_multi_wakeup may come from another thread. It is made under the
  // lock while isRunning holds, and the client's thread, which makes all others, clears isRunning under the lock
  // before it frees the handle.
  nonisolated(unsafe) let multi: UnsafeMutableRawPointer

  init(multi: UnsafeMutableRawPointer) { self.multi = multi }

  func start(_ transfer: PendingTransfer) {
    let isAccepted = state.withLock { state in
      guard !state.commands.isClosed else { return false }
      state.commands.started.append(transfer)
      curl_multi_wakeup(multi)
      return true
    }
    if !isAccepted { transfer.receiver.finish(.failure(.closed)) }
  }

  /// May come before ``start(_:)`` of the same transfer, which then finds the flag set.
  func cancel(_ cancellation: Cancellation) {
    cancellation.set()
    state.withLock { state in
      guard !state.commands.isClosed else { return }
      state.commands.cancelled.append(cancellation)
      curl_multi_wakeup(multi)
    }
  }

  /// Lets the transfer go on that stopped because its reader had no room.
  func resume(_ cancellation: Cancellation) {
    state.withLock { state in
      guard !state.commands.isClosed else { return }
      state.commands.resumed.append(cancellation)
      curl_multi_wakeup(multi)
    }
  }

  func close() {
    state.withLock { state in
      guard !state.commands.isClosed else { return }
      state.commands.isClosed = true
      if state.isRunning { curl_multi_wakeup(multi) }
    }
  }

  /// Takes what was left since the last call. For the client's thread.
  func take() -> Commands {
    state.withLock { state in
      let taken = state.commands
      state.commands = Commands(isClosed: taken.isClosed)
      return taken
    }
  }

  /// The thread's last call before it frees the multi handle: nothing is accepted or woken from now on.
  /// Returns what was never taken.
  func end() -> [PendingTransfer] {
    state.withLock { state in
      state.isRunning = false
      state.commands.isClosed = true
      defer { state.commands.started = [] }
      return state.commands.started
    }
  }
}

extension HTTPClientError {
  static let closed = HTTPClientError(.cancelled, "the HTTP client is closed")
  static let cancelled = HTTPClientError(.cancelled, "the request was cancelled")
}
