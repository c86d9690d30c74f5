import CLinux
import FederationAPI
import Logging
import Transport

/// One `federation-bench run`.
package struct LoadTest: Sendable {
  private let options: RunOptions
  private let tokens: TokenList
  private let freshTokens: TokenList?
  private let progress: @Sendable (String) -> Void

  /// Reads the files that `options` name. `progress` gets a line each second when progress was asked for.
  package init(
    _ options: RunOptions, progress: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(BenchError) {
    self.options = options
    self.progress = progress
    tokens = options.tokensFile.isEmpty ? TokenList(lines: []) : try TokenList(file: options.tokensFile)
    freshTokens = try options.freshTokensFile.map { path throws(BenchError) in try TokenList(file: path) }
  }

  /// Runs it to its end. Throws when there are no figures to be had: no connection, or one that ended on the way.
  package func run() async throws -> RunCounts {
    clinux_raise_descriptor_limit()
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let result: Result<RunCounts, any Error>
    do {
      let dialer = try Dialer(options, group: group)
      result = .success(
        try await options.measuresHandshakes
          ? HandshakeTest(options, dialer: dialer, progress: progress).run() : calls(dialer))
    } catch {
      result = .failure(error)
    }
    await group.shutDown(graceSeconds: 1)
    return try result.get()
  }

  private func calls(_ dialer: Dialer) async throws -> RunCounts {
    let (events, continuation) = AsyncStream.makeStream(of: RunEvent.self)
    let run = LoadRun(
      options: options,
      plan: CallPlan(options, tokenCount: tokens.count, freshCount: freshTokens?.count ?? 0),
      wires: try WireFactory(options, tokens: tokens, freshTokens: freshTokens), dialer: dialer, events: continuation)
    let connections = try await dialer.connect(count: options.connections) { LoadConnection(run: run, index: $0) }
    guard let anchor = connections.first else { throw BenchError("there is no connection") }
    let residentBeforeIdle = options.idle > 0 ? options.serverPID.flatMap { ServerProcess(pid: $0).residentKiB() } : nil
    let idle = try await dialer.connect(count: options.idle) { idleConnection($0, of: run) }
    defer { withExtendedLifetime(idle) {} }
    for await event in events {
      switch event {
      case .ready: anchor.run { run.start($0) }
      case .progress(let counts, let seconds): progress(counts.progressLine(seconds: seconds))
      case .failed(let reason): throw BenchError(reason)
      case .finished(var counts):
        counts.residentBeforeIdleKiB = residentBeforeIdle
        return counts
      }
    }
    throw BenchError("the run ended without a result")
  }

  private func idleConnection(_ index: Int, of run: LoadRun) -> SingleCallConnection {
    var call = Call()
    if options.identity == .token { call.credential = .token(index % tokens.count) }
    return SingleCallConnection(run: run, index: index, call: call, staysOpen: true) { run.connectionIsReady() }
  }
}

extension RunCounts {
  /// What is told each second.
  func progressLine(seconds: Double) -> String {
    guard seconds > 0 else { return "warming up" }
    let rate = Int(Double(requests) / seconds)
    let tail = Double(latencies.percentile(0.99)) / 1_000
    return "\(Int(seconds.rounded())) s  \(rate) requests/s  p99 \(rounded(tail, 1)) us  errors \(errors)"
  }
}
