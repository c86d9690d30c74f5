import FederationAPI
import SecretStores

/// What happens with time: heartbeats, identities that end, stores that say they have changed, reads that are due.
extension WatchHub {
  /// Ticks while there are watches, until the task is cancelled.
  func run() async {
    for await _ in arrivals {
      while !Task.isCancelled, !isIdle {
        // Not waited for: a store that does not answer holds up no heartbeat.
        Task { await askStores() }
        lookAround()
        do { try await Task.sleep(nanoseconds: UInt64(settings.tickSeconds * 1e9)) } catch { return }
      }
    }
  }

  /// Asks the stores that can tell whether anything has changed, all at once, and starts the reads that are due for it. A
  /// store that has not answered yet is not asked again.
  func askStores() async {
    let asked = state.withLock { state -> [(name: String, mark: @Sendable () async -> Int64?)] in
      state.stores.values.compactMap { store in
        guard case .marked(let mark) = state.snapshot.stores[store.name]?.changes,
          state.asked.insert(StoreName(store.name)).inserted
        else { return nil }
        return (store.name, mark)
      }
    }
    await withTaskGroup { group in
      for (name, mark) in asked {
        group.addTask {
          let mark = await mark()
          self.state.withLock { _ = $0.asked.remove(StoreName(name)) }
          guard let mark else { return }
          self.note(mark, of: name)
          self.startReads()
        }
      }
    }
  }

  /// Wakes watches for which it is time, and starts reads for which it is.
  func lookAround() {
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
        guard isSilent || member.expiresAtSeconds <= wallSeconds || member.lookAt <= now else { continue }
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
