import CLinux
import Crypto
import Glibc
import Logging
import Reconciler
import Threads

/// One run of the agent.
struct Agent: Sendable {
  /// What a running agent acts on; to be blocked before the program's first thread is made.
  static let signals = [SIGTERM, SIGINT, SIGHUP]

  private let options: AgentOptions
  private let log: Log

  init(_ options: AgentOptions) {
    self.options = options
    log = Log(level: options.logLevel)
  }

  /// Gives the exit status.
  func run() async -> Int32 {
    // Secrets must not end up in a core file, nor in reach of another process of the same user.
    _ = clinux_leave_memory_out_of_cores()
    _ = clinux_set_undumpable()
    PrivateKeyMemory.protect(connections: 1_024)
    clinux_raise_descriptor_limit()
    signal(SIGPIPE, SIG_IGN)
    switch options.mode {
    case .files(let mode): return await run(mode)
    case .kubernetes(let mode): return await run(mode)
    }
  }

  private func run(_ mode: AgentOptions.FileMode) async -> Int32 {
    // Two agents would overwrite each other's files, and take back each other's credentials.
    let locks: DirectoryLocks
    do throws(DirectoryLockFailure) {
      locks = try DirectoryLocks(of: [mode.outputDirectory, mode.statusDirectory])
    } catch {
      Log.writeToStandardError("ese-agent: \(error)")
      return 1
    }
    defer { withExtendedLifetime(locks) {} }
    do throws(ManifestFaults) {
      let source = try ManifestSource(
        directory: mode.manifestDirectory, statusDirectory: mode.statusDirectory, log: log)
      let target = FileTarget(directory: mode.outputDirectory, format: mode.format)
      let reconciler = Reconciler(source: source, target: target, options: reconcilerOptions, log: log)
      if mode.isOnce { return await reconciler.runOnce().isEmpty ? 0 : 1 }
      let watch = source.watch()
      defer { watch?.stop() }
      return await untilSignal {
        source.reload()
      } run: {
        await reconciler.run(whenSettled: Self.announce)
      } stop: {
        await reconciler.stop()
      }
    } catch {
      Log.writeToStandardError("\(error)")
      return 1
    }
  }

  private func run(_ mode: AgentOptions.KubernetesMode) async -> Int32 {
    do throws(ClusterFault) {
      let cluster = try ClusterAgent(mode, reconcilerOptions, log)
      return await untilSignal {
      } run: {
        await cluster.run(whenSettled: Self.announce)
      } stop: {
        await cluster.stop()
      }
    } catch {
      Log.writeToStandardError("ese-agent: \(error)")
      return 1
    }
  }

  private var reconcilerOptions: Reconciler.Options { .init(workers: options.workers) }

  private static let announce: @Sendable () -> Void = {
    print("ready")
    fflush(nil)
  }

  /// Runs until SIGTERM or SIGINT, and what is worked on then has come to its end.
  private func untilSignal(
    hangup: @escaping @Sendable () -> Void, run: () async -> Void, stop: @escaping @Sendable () async -> Void
  ) async -> Int32 {
    let signals: AsyncStream<Int32>
    do throws(ThreadError) { signals = try SignalStream.of(Self.signals) } catch {
      Log.writeToStandardError("ese-agent: \(error)")
      return 1
    }
    let end = Task {
      for await signal in signals {
        guard signal == SIGHUP else { break }
        hangup()
      }
      log.write(.info, "draining")
      await stop()
    }
    await run()
    end.cancel()
    log.write(.info, "stopped")
    return 0
  }
}
