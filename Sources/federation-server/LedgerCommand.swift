import CLinux
import CommandLineFlags
import FederationAPI
import Ledger

/// `federation-server ledger list|show|revoke|export`: looks at what was issued, also while servers use the ledger.
enum LedgerCommand {
  /// An operator waits longer than a caller does, and asks for more at once.
  static let timeoutSeconds = 60.0
  /// The reason that a state is revoked for, and the detail of its entry in the trail.
  private static let reason = "operator"
  private static let output = CommandOutput(command: "federation-server ledger")

  /// Runs the command that `arguments` (what follows `ledger`) name. Returns the exit status: 0 done, 1 failed, 2 when
  /// the command line makes no sense.
  static func run(_ arguments: [String]) async -> Int32 {
    _ = clinux_set_undumpable()
    do throws(UsageError) {
      guard let options = try LedgerOptions(arguments) else { return output.write(LedgerOptions.usage) ? 0 : 1 }
      return await run(options)
    } catch {
      output.report("\(error)\n\(LedgerOptions.usage)")
      return 2
    }
  }

  private static func run(_ options: LedgerOptions) async -> Int32 {
    do throws(LedgerError) {
      let ledger = try await options.location.open(createIfMissing: false, timeoutSeconds: timeoutSeconds)
      let status = try await run(options, ledger)
      await ledger.close()
      return status
    } catch {
      output.report(error.message)
      return 1
    }
  }

  private static func run(_ options: LedgerOptions, _ ledger: any Ledger) async throws(LedgerError) -> Int32 {
    switch options.action {
    case .list:
      let listing = StateListing(states: try await ledger.states(options.filter, limit: .max))
      return output.write(options.isJSON ? listing.json : listing.table) ? 0 : 1
    case .show(let name):
      var filter = StateFilter()
      filter.name = name
      guard let state = try await ledger.states(filter, limit: 1).first else {
        output.report("no state \"\(name)\"")
        return 1
      }
      return output.write(options.isJSON ? state.document.line : state.details) ? 0 : 1
    case .revoke(let names) where names.isEmpty:
      guard options.isSure else {
        let count = try await ledger.states(options.filter, limit: .max).count
        output.report("that would revoke \(count) states; add --yes to do it")
        return 1
      }
      return try await revoke([options.filter], ledger)
    case .revoke(let names):
      let filters = names.map { name in
        var filter = StateFilter()
        filter.name = name
        return filter
      }
      return try await revoke(filters, ledger)
    case .export: return try await LedgerExport(ledger: ledger, output: output).run() ? 0 : 1
    }
  }

  private static func revoke(_ filters: [StateFilter], _ ledger: any Ledger) async throws(LedgerError) -> Int32 {
    var count = 0
    var isComplete = true
    for filter in filters {
      let states = try await ledger.markForRevocation(filter, reason: reason)
      let now = Int64(clinux_clock_ns(CLOCK_REALTIME) / 1_000_000)
      try await ledger.append(
        states.map { state in
          AuditEntry(
            atMilliseconds: now, action: .revoke, outcome: "ok", identity: nil, target: "\(state.generator)",
            stateName: state.name, owner: state.owner.name, detail: reason)
        })
      count += states.count
      if let name = filter.name, states.isEmpty {
        output.report("no state \"\(name)\"")
        isComplete = false
      }
    }
    let text =
      "marked \(count) \(count == 1 ? "state" : "states") for revocation; the running server's reaper cleans up\n"
    return output.write(text) && isComplete ? 0 : 1
  }
}
