import CLinux
import CommandLineFlags
import FederationServer
import Glibc
import JSON
import Ledger
import Threads

/// `federation-server audit`: reads the trail, and follows it.
enum AuditCommand {
  /// What ends `--follow`; to be blocked before the program's first thread is made.
  static let signals = [SIGINT, SIGTERM]
  private static let output = CommandOutput(command: "federation-server audit")
  private static let pageLimit = 1_000
  private static let titles = ["TIME", "ACTION", "OUTCOME", "SUBJECT", "TARGET", "STATE", "PEER", "COUNT", "DETAIL"]

  /// Whether `arguments` may hold `--follow`, which getopt_long takes shortened as well.
  static func mayFollow(_ arguments: [String]) -> Bool { arguments.contains { $0.hasPrefix("--f") } }

  /// Runs the command with `arguments`, which follow `audit`. Returns the exit status: 0 done, 1 failed, 2 when the
  /// command line makes no sense.
  static func run(_ arguments: [String]) async -> Int32 {
    _ = clinux_set_undumpable()
    do throws(UsageError) {
      guard let options = try AuditOptions(arguments) else { return output.write(AuditOptions.usage) ? 0 : 1 }
      guard options.isFollowing else { return await run { () throws(LedgerError) in try await read(options) } }
      return await untilSignal { await run { () throws(LedgerError) in try await follow(options) } }
    } catch {
      output.report("\(error)\n\(AuditOptions.usage)")
      return 2
    }
  }

  private static func run(_ body: () async throws(LedgerError) -> Int32) async -> Int32 {
    do throws(LedgerError) { return try await body() } catch {
      output.report(error.message)
      return 1
    }
  }

  private static func read(_ options: AuditOptions) async throws(LedgerError) -> Int32 {
    let ledger = try await open(options)
    let entries = try await ledger.audit(options.filter, limit: options.limit)
    await ledger.close()
    return write(entries, options, withTitles: true) ? 0 : 1
  }

  private static func follow(_ options: AuditOptions) async throws(LedgerError) -> Int32 {
    let ledger = try await open(options)
    // Asked for first, so that what is written meanwhile is not missed.
    var last = try await ledger.audit(AuditFilter(), limit: 1).last?.id ?? 0
    var page = try await ledger.audit(options.filter, limit: options.limit)
    guard write(page, options, withTitles: true) else { return 1 }
    while !Task.isCancelled {
      last = max(last, page.last?.id ?? 0)
      if page.count < pageLimit {
        do { try await Task.sleep(for: .seconds(1)) } catch { break }
      }
      var filter = options.filter
      filter.afterID = last
      do throws(LedgerError) { page = try await ledger.audit(filter, limit: pageLimit) } catch {
        // A database that is away comes back.
        guard error.kind == .unavailable else { throw error }
        output.report(error.message)
        page = []
      }
      guard write(page, options, withTitles: false) else { return 1 }
    }
    await ledger.close()
    return 0
  }

  private static func open(_ options: AuditOptions) async throws(LedgerError) -> any Ledger {
    // A signal is acted on when the call that is under way has ended.
    let seconds = options.isFollowing ? 5 : LedgerCommand.timeoutSeconds
    return try await options.location.open(createIfMissing: false, timeoutSeconds: seconds)
  }

  /// What `body` gave, or 0 when a signal came first.
  private static func untilSignal(_ body: @escaping @Sendable () async -> Int32) async -> Int32 {
    let stream: AsyncStream<Int32>
    do throws(ThreadError) { stream = try SignalStream.of(signals) } catch {
      output.report("\(error)")
      return 1
    }
    return await withTaskGroup(of: Int32.self) { group in
      group.addTask(operation: body)
      group.addTask {
        for await _ in stream { return 0 }
        return 0
      }
      let status = await group.next() ?? 1
      group.cancelAll()
      return status
    }
  }

  private static func write(_ entries: [AuditEntry], _ options: AuditOptions, withTitles: Bool) -> Bool {
    if options.isJSON { return output.write(entries.map(\.document.line).joined()) }
    let rows = entries.map { entry in
      [
        Timestamp.text(milliseconds: entry.atMilliseconds), entry.action.rawValue, entry.outcome,
        entry.identity?.subject ?? "-", entry.target, entry.stateName ?? "-", entry.peer ?? "-", "\(entry.count)",
        entry.detail ?? "-",
      ]
    }
    return output.write(TextTable(rows: (withTitles ? [titles] : []) + rows).text)
  }
}
