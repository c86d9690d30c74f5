import FederationAPI
import Synchronization

/// Looks after one stream while somebody waits for its next event: renews its token, and gives it up when it is silent.
final class WatchKeeper: Sendable {
  private struct State {
    var token: String?
    var heardAt = MonotonicTime.now
    var isSilent = false
    var isOutdated = false
  }

  let stream: any WatchStream
  let startedAt = MonotonicTime.now
  private let svid: [[UInt8]]?
  private let state: Mutex<State>
  private let task = Mutex<Task<Void, Never>?>(nil)

  init(
    _ stream: any WatchStream, with used: CallCredentials, timing: WatchTiming,
    credentials: @escaping @Sendable () async throws(RPCError) -> CallCredentials
  ) {
    self.stream = stream
    svid = used.svid?.svid.certificates
    state = Mutex(State(token: used.token))
    let keeping = Task { [weak self] in
      while (try? await Task.sleep(for: .seconds(timing.tokenCheck))) != nil {
        guard let self, await self.look(timing.silence, credentials) else { return }
      }
    }
    task.withLock { $0 = keeping }
  }

  deinit { end() }

  /// The token that the server was given last.
  var token: String? { state.withLock { $0.token } }

  /// Whether the stream was given up because nothing came.
  var isSilent: Bool { state.withLock { $0.isSilent } }

  /// Whether the stream was given up because there is a newer SVID, which only a new connection can show.
  var isOutdated: Bool { state.withLock { $0.isOutdated } }

  /// Something came.
  func heard() { state.withLock { $0.heardAt = .now } }

  /// Ends the stream.
  func end() {
    task.withLock { $0.take() }?.cancel()
    stream.cancel()
  }

  /// Gives whether to go on.
  private func look(
    _ silence: Double, _ credentials: @Sendable () async throws(RPCError) -> CallCredentials
  ) async -> Bool {
    let isSilent = state.withLock { state in
      state.isSilent = state.heardAt.advanced(bySeconds: silence) < .now
      return state.isSilent
    }
    if isSilent {
      stream.cancel()
      return false
    }
    // A source that fails now may be well again before the token ends.
    guard let fresh = try? await credentials(), !Task.isCancelled else { return !Task.isCancelled }
    guard fresh.svid?.svid.certificates == svid else {
      state.withLock { $0.isOutdated = true }
      stream.cancel()
      return false
    }
    guard let token = fresh.token, self.token?.utf8.elementsEqual(token.utf8) != true else { return true }
    state.withLock { $0.token = token }
    try? stream.renew(token: token, caCertificates: fresh.caCertificates ?? [])
    return true
  }
}
