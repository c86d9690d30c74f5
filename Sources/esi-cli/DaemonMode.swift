import FederationAPI
import FederationClient
import Glibc
import Synchronization
import Threads

/// `--mode=daemon`: write the files, say so, and keep them fresh until a signal ends it.
final class DaemonMode: Sendable {
  /// What a daemon acts on; to be blocked before the program's first thread is made.
  static let signals = [SIGTERM, SIGINT, SIGHUP]
  /// Between tries of the first fetch.
  private static let startPauseSeconds = 1.0

  private let settings: DaemonSettings
  private let client: FederationClient
  private let fetch: SecretFetch
  private let bell = RefreshBell()
  private let watch: RefreshWatch
  /// Held while files are written: the end waits for it, so that no temporary file is left.
  private let writing = Mutex(())

  init(options: CommandOptions, settings: DaemonSettings) throws(Failure) {
    self.settings = settings
    do throws(RPCError) {
      client = try FederationClient(configuration: settings.configuration)
    } catch {
      throw .usage(error.message)
    }
    fetch = SecretFetch(options: options, names: settings.plan.secrets, client: client)
    watch = RefreshWatch(settings.plan.secrets, client: client, bell: bell)
  }

  /// Throws when the first write fails; once it succeeded, only a signal ends the process.
  func run() async throws(Failure) {
    // A closed stderr must not end the daemon, and children can only be waited for with the default action.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGCHLD, SIG_DFL)
    try listen()
    AbandonedFiles.remove(beside: Array(settings.plan.files.keys), settings.fileAttributes)
    let changed = try await firstRefresh()
    _ = "ready\n".withCString { write(1, $0, strlen($0)) }
    await announce(changed)
    Task {
      await watch.run { error in
        report("the watch was refused, changes are found by the interval: \(error.message)")
      }
    }
    var hasFailed = false
    await RefreshLoop(RefreshSchedule(intervalSeconds: settings.intervalSeconds), bell: bell).run {
      do throws(SecretFetch.Refusal) {
        let changed = try await self.refresh()
        await self.announce(changed, after: hasFailed ? "the refresh succeeded again" : nil)
        hasFailed = false
        return nil
      } catch {
        hasFailed = true
        return error.message
      }
    } failed: { message, pause in
      let seconds = max(1, Int((pause / .milliseconds(1) / 1_000).rounded()))
      report("refresh failed, the files stay as they are, next try in \(seconds) s: \(message)")
    }
  }

  private func listen() throws(Failure) {
    let stream: AsyncStream<Int32>
    do throws(ThreadError) { stream = try SignalStream.of(Self.signals) } catch {
      throw Failure(status: .injectionFailed, message: error.description)
    }
    Task {
      for await signal in stream {
        guard signal == SIGHUP else { self.end() }
        self.bell.ring()
      }
    }
  }

  /// A refresh that waits for the server is abandoned; one that writes comes to its end first.
  private func end() -> Never {
    settings.command?.cancel()
    writing.withLock { _ in _exit(ExitStatus.success.rawValue) }
  }

  /// Tries a server that is not there again until `--federated-timeout` is over. Every other refusal is final.
  private func firstRefresh() async throws(Failure) -> [String] {
    let deadline = MonotonicTime.now.advanced(bySeconds: settings.configuration.timeoutSeconds)
    while true {
      do throws(SecretFetch.Refusal) {
        let left = Double(MonotonicTime.now.nanoseconds(until: deadline)) / 1e9
        return try await refresh(timeoutSeconds: left)
      } catch {
        let next = MonotonicTime.now.advanced(bySeconds: Self.startPauseSeconds)
        guard error.isTemporary, next < deadline else {
          await client.close()
          throw Failure(status: .injectionFailed, message: error.message)
        }
        try? await Task.sleep(for: .seconds(Self.startPauseSeconds))
      }
    }
  }

  /// Gives the paths of the files that changed.
  private func refresh(timeoutSeconds: Double? = nil) async throws(SecretFetch.Refusal) -> [String] {
    let values = try await fetch.values(timeoutSeconds: timeoutSeconds)
    watch.found(values)
    do throws(InjectionError) {
      let injection = try Injection(settings.plan, values: values)
      return try writing.withLock { (_) throws(InjectionError) in
        try injection.refreshFiles(settings.fileAttributes)
      }
    } catch {
      throw SecretFetch.Refusal(message: error.message)
    }
  }

  /// Tells who asked for it, and then the log in one line.
  private func announce(_ changed: [String], after event: String? = nil) async {
    var parts = event.map { [$0] } ?? []
    if !changed.isEmpty {
      parts.append("changed " + changed.joined(separator: ", "))
      if let failure = settings.signal?.send() { parts.append(failure) }
      if let failure = await settings.command?.run() { parts.append(failure) }
    }
    if !parts.isEmpty { report(parts.joined(separator: "; ")) }
  }
}
