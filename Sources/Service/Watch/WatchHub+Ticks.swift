import FederationAPI
import SecretStores

/// What happens with time: heartbeats, identities that end, stores that say they have changed, reads that are due.
extension WatchHub {
  /// Ticks while there are watches, until the task is cancelled.
  func run() async {
    for await _ in arrivals {
      while !Task.isCancelled, !isIdle {
        await tick()
        do { try await Task.sleep(nanoseconds: UInt64(settings.tickSeconds * 1e9)) } catch { return }
      }
    }
  }

  /// One look at everything.
  func tick() async {
    let (stores, snapshot) = state.withLock { ($0.stores.values.map(\.name), $0.snapshot) }
    for name in stores {
      guard case .marked(let mark) = snapshot.stores[name]?.changes, let now = await mark() else { continue }
      note(now, of: name)
    }
    let wakes = look(at: settings.monotonicClock(), wallSeconds: Int64(settings.microseconds() / 1_000_000))
    for wake in wakes { wake() }
    startReads()
  }

  private var isIdle: Bool { state.withLock { $0.members.isEmpty && $0.idle.isEmpty } }

  /// A store's mark was taken before this: whatever changes later changes it again.
  private func note(_ mark: Int64, of name: String) {
    state.withLock { state in
      guard let store = state.stores[StoreName(name)], store.mark != mark else { return }
      state.stores[StoreName(name)]?.mark = mark
      state.queueReads(store.slots)
    }
  }

  private func look(at now: MonotonicTime, wallSeconds: Int64) -> [@Sendable () -> Void] {
    state.withLock { state in
      var wakes: [@Sendable () -> Void] = []
      for (watch, member) in state.members {
        let isSilent = member.heartbeatAt <= now
        guard isSilent || member.expiresAtSeconds <= wallSeconds else { continue }
        if isSilent { state.members[watch]?.isHeartbeatDue = true }
        if let wake = state.wake(watch) { wakes.append(wake) }
      }
      state.queueReads(state.timed.filter { state.slots[Int($0)]?.readAt ?? now <= now })
      for slot in state.idle {
        guard let since = state.slots[Int(slot)]?.idleSince else { continue }
        if since.advanced(bySeconds: settings.lingerSeconds) <= now { state.forget(slot) }
      }
      return wakes
    }
  }
}
