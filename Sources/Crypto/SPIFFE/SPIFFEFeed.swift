import Synchronization

/// The newest SVID and bundles of a source, and a wake-up for each change. A failure to get new ones leaves what is there.
public final class SPIFFEFeed: Sendable {
  private struct State {
    var material: SPIFFEMaterial?
    var failure: String?
    var isEnded = false
    var nextListener = 0
    var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
  }

  private let state = Mutex(State())

  /// Makes a feed without anything in it.
  public init() {}

  /// The newest that was published.
  public var latest: SPIFFEMaterial? { state.withLock { $0.material } }

  /// Why there is nothing newer, when the last attempt failed: one sentence without a full stop.
  public var failure: String? { state.withLock { $0.failure } }

  /// An element now and at least one after each change, whether publication or failure; what comes while the consumer is
  /// busy is one element. Ends with the feed.
  public func changes() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    state.withLock { state in
      guard !state.isEnded else { return continuation.finish() }
      let number = state.nextListener
      state.nextListener += 1
      state.listeners[number] = continuation
      continuation.onTermination = { [weak self] _ in
        _ = self?.state.withLock { $0.listeners.removeValue(forKey: number) }
      }
      continuation.yield()
    }
    return stream
  }

  /// Puts `material` in the place of what was there.
  public func publish(_ material: SPIFFEMaterial) {
    update { state in
      state.material = material
      state.failure = nil
    }
  }

  /// Notes that new material could not be had.
  public func fail(_ reason: String) { update { $0.failure = reason } }

  /// Ends all ``changes()``.
  public func end() {
    let listeners = state.withLock { state in
      state.isEnded = true
      defer { state.listeners = [:] }
      return state.listeners
    }
    for continuation in listeners.values { continuation.finish() }
  }

  private func update(_ change: (inout State) -> Void) {
    let listeners = state.withLock { state in
      guard !state.isEnded else { return [Int: AsyncStream<Void>.Continuation]() }
      change(&state)
      return state.listeners
    }
    for continuation in listeners.values { continuation.yield() }
  }
}
