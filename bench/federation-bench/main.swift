import Glibc
import LoadGenerator

let usage = """
  usage: federation-bench COMMAND
    run        put load on a server, and measure
    issuer     serve as the issuer of the load's tokens
    manifests  write manifests for a server under load
    plot       draw figures as SVG
  `federation-bench COMMAND --help` tells the flags.
  """

func dispatch(_ arguments: [String], _ interruption: Interruption) async -> Int32 {
  let rest = Array(arguments.dropFirst())
  let wantsHelp = rest.contains("--help")
  do {
    switch arguments.first {
    case "run" where wantsHelp: print(RunOptions.usage)
    case "run": return try await RunCommand.run(rest)
    case "issuer" where wantsHelp: print(IssuerCommand.usage)
    case "issuer": try await IssuerCommand.run(rest, interruption)
    case "manifests" where wantsHelp: print(ManifestOptions.usage)
    case "manifests": try ManifestSet(try ManifestOptions(arguments: rest)).write()
    case "plot" where wantsHelp: print(PlotCommand.usage)
    case "plot": try PlotCommand.run(rest)
    case "--help", "help": print(usage)
    case let word?: throw UsageError("unknown command \"\(word)\"\n\(usage)")
    case nil: throw UsageError(usage)
    }
    return 0
  } catch let error as UsageError {
    writeError("federation-bench: \(error)")
    return 2
  } catch {
    writeError("federation-bench: \(error)")
    return 1
  }
}

// Before the program's first thread, so that all inherit it and only the wait below sees them.
var signals = sigset_t()
sigemptyset(&signals)
sigaddset(&signals, SIGTERM)
sigaddset(&signals, SIGINT)
pthread_sigmask(SIG_BLOCK, &signals, nil)

let arguments = Array(CommandLine.arguments.dropFirst())
let interruption = Interruption()
Task.detached { exit(await dispatch(arguments, interruption)) }
// No `await` at top level: it would hand this thread to libdispatch, which unblocks every signal on it.
while true {
  var received: Int32 = 0
  sigwait(&signals, &received)
  if !interruption.interrupt() { exit(128 + received) }
}
