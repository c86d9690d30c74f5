import CLinux
import CommandLineFlags
import FederationServer
import Glibc
import Threads

let usage = """
  usage: federation-server COMMAND
    serve      serve secrets over TLS
    validate   check manifests
    secret     manage the embedded encrypted store
    ledger     look at what was issued, and revoke it
    audit      read the audit trail
  `federation-server COMMAND --help` tells the flags.
  """

func dispatch(_ arguments: [String]) async -> Int32 {
  let rest = Array(arguments.dropFirst())
  let wantsHelp = rest.contains("--help")
  do throws(UsageError) {
    switch arguments.first {
    case "serve" where wantsHelp: print(ServeCommand.usage)
    case "serve": return try await ServeCommand.run(rest)
    case "validate" where wantsHelp: print(ValidateCommand.usage)
    case "validate": return try await ValidateCommand.run(rest)
    case "secret": return await SecretCommand.run(rest)
    case "ledger": return await LedgerCommand.run(rest)
    case "audit": return await AuditCommand.run(rest)
    case "--help", "help": print(usage)
    case "--version": print("federation-server 0.1.0")
    case let word?: throw UsageError("unknown command \"\(word)\"\n\(usage)")
    case nil: throw UsageError(usage)
    }
    return 0
  } catch {
    writeError("federation-server: \(error)")
    return 2
  }
}

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "serve" { SignalStream.block(ServeCommand.signals) }
if arguments.first == "audit", AuditCommand.mayFollow(arguments) { SignalStream.block(AuditCommand.signals) }
Task.detached { endProcess(await dispatch(arguments)) }
// No `await` at top level: it would hand this thread to libdispatch, which unblocks every signal on it.
while true { pause() }
