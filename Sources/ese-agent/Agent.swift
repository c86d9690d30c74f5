import CLinux
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
    _ = clinux_set_undumpable()
    clinux_raise_descriptor_limit()
    signal(SIGPIPE, SIG_IGN)
    do throws(ManifestFaults) {
      let source = try ManifestSource(
        directory: options.manifestDirectory, statusDirectory: options.statusDirectory, log: log)
      let target = FileTarget(directory: options.outputDirectory, format: options.format)
      let reconciler = Reconciler(
        source: source, target: target, options: .init(workers: options.workers), log: log)
      return options.isOnce ? await once(reconciler) : await serve(reconciler, source)
    } catch {
      Log.writeToStandardError("\(error)")
      return 1
    }
  }

  private func once(_ reconciler: Reconciler) async -> Int32 {
    let failed = await reconciler.runOnce()
    return failed.isEmpty ? 0 : 1
  }

  private func serve(_ reconciler: Reconciler, _ source: ManifestSource) async -> Int32 {
    let signals: AsyncStream<Int32>
    do throws(ThreadError) { signals = try SignalStream.of(Self.signals) } catch {
      Log.writeToStandardError("ese-agent: \(error)")
      return 1
    }
    let watch = source.watch()
    let end = Task {
      for await signal in signals {
        guard signal == SIGHUP else { break }
        source.reload()
      }
      log.write(.info, "draining")
      await reconciler.stop()
    }
    await reconciler.run {
      print("ready")
      fflush(nil)
    }
    end.cancel()
    watch?.stop()
    log.write(.info, "stopped")
    return 0
  }
}
