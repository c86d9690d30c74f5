import FederationAPI

/// One watch over as many streams as it takes.
actor ResumedWatch {
  private let client: FederationClient
  private let secrets: [SecretReference]
  private let timing: WatchTiming
  /// All that was said up to it is known.
  private var revision: UInt64 = 0
  /// Places of secrets that were last said not to be granted. The server may grant them while nobody listens, and their
  /// revisions do not tell of that.
  private var denied: Set<UInt32> = []
  private var keeper: WatchKeeper?
  private var pause: Double
  /// Whether a token that is not accepted may be replaced: one that follows on another that was not may not.
  private var mayRenew = true
  private var isOver = false

  init(_ client: FederationClient, _ secrets: [SecretReference], _ timing: WatchTiming) {
    self.client = client
    self.secrets = secrets
    self.timing = timing
    pause = timing.firstPause
  }

  deinit { keeper?.end() }

  /// The next change; nil after an error. One task at a time may wait.
  func next() async throws(RPCError) -> SecretChange? {
    while !isOver {
      do throws(RPCError) {
        let keeper = try await stream()
        let event = try await keeper.stream.next()
        keeper.heard()
        mayRenew = true
        guard event.secret < secrets.count else {
          throw RPCError(.internal, "the server told of a secret that is not watched")
        }
        revision = max(revision, event.revision)
        let secret = secrets[Int(event.secret)]
        switch event.kind {
        case .heartbeat: continue
        case .value(let value):
          denied.remove(event.secret)
          return SecretChange(secret: secret, outcome: .success(value), staleSeconds: event.staleSeconds)
        case .error(let error):
          if error.code == .permissionDenied { denied.insert(event.secret) } else { denied.remove(event.secret) }
          return SecretChange(secret: secret, outcome: .failure(PrintableText.of(error)))
        }
      } catch {
        do throws(RPCError) { try await recover(from: error) } catch {
          isOver = true
          throw error
        }
      }
    }
    return nil
  }

  private func stream() async throws(RPCError) -> WatchKeeper {
    if let keeper { return keeper }
    let (wire, credentials) = try await client.ready(deadline: client.retrySchedule().deadline)
    let made = WatchKeeper(
      try wire.watch(secrets, after: denied.isEmpty ? revision : 0, credentials), with: credentials, timing: timing
    ) { [client] () throws(RPCError) in try await client.credentials() }
    keeper = made
    return made
  }

  /// Waits for when to try again; throws what no other try would mend.
  private func recover(from error: RPCError) async throws(RPCError) {
    let lost = keeper
    keeper = nil
    lost?.end()
    if Task.isCancelled { throw RPCError(.cancelled, "the watch was cancelled") }
    switch error.code {
    case .unauthenticated where mayRenew:
      mayRenew = false
      if let token = lost?.token { await client.forgetToken(token) }
      return
    // Nothing is wrong, so there is nothing to wait for.
    case .cancelled where lost?.isOutdated == true: return
    case .unavailable, .deadlineExceeded: break
    case .cancelled where lost?.isSilent == true: break
    case _ where error.retryAfterSeconds != nil: break
    default: throw PrintableText.of(error)
    }
    if error.retryAfterSeconds == nil { await client.forgetConnection() }
    if let lost, lost.startedAt.advanced(bySeconds: timing.steady) < .now { pause = timing.firstPause }
    let seconds = max(pause * .random(in: timing.jitter), (error.retryAfterSeconds ?? 0) * .random(in: 1...1.5))
    pause = min(timing.longestPause, pause * 2)
    do { try await Task.sleep(for: .seconds(seconds)) } catch {
      throw RPCError(.cancelled, "the watch was cancelled")
    }
  }
}
