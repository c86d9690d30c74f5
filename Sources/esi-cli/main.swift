import CLinux
import Crypto
import Glibc
import Threads

/// Checks the command line and starts what it asks for; this thread goes on to wait.
func start() throws(Failure) {
  // No core dump and no debugger of the same user may show the secrets; execve lifts this for the program.
  _ = clinux_set_undumpable()
  PrivateKeyMemory.protect(connections: 64)
  let inherited = ProcessInheritance.capture()
  var options = CommandOptions()
  if let namespace = getenv("KUBERNETES_NAMESPACE") { options.namespace = String(cString: namespace) }
  if let socket = getenv("SPIFFE_ENDPOINT_SOCKET") { options.spiffeEndpointSocket = String(cString: socket) }
  try CommandLineParser.parse(try CommandLineParser.arguments(), into: &options)
  if options.help || options.version {
    print(options.help ? Usage.text : "esi-cli \(Usage.version)", terminator: options.help ? "" : "\n")
    endProcess(ExitStatus.success.rawValue)
  }
  if options.mode == "daemon" {
    let settings = try DaemonSettings(options, environment: inherited.environment)
    for warning in settings.warnings { report("warning: \(warning)") }
    SignalStream.block(DaemonMode.signals)
    let daemon = try DaemonMode(options: options, settings: settings)
    launch { () async throws(Failure) in try await daemon.run() }
  } else {
    let settings = try InitSettings(options)
    for warning in settings.warnings { report("warning: \(warning)") }
    let mode = InitMode(options: options, settings: settings)
    launch { () async throws(Failure) in try await mode.run(inherited: inherited) }
  }
}

/// Runs `body` off this thread.
func launch(_ body: @escaping @Sendable () async throws(Failure) -> Void) {
  Task.detached {
    do throws(Failure) { try await body() } catch { fail(error) }
  }
}

func fail(_ error: Failure) -> Never {
  report(error.message + (error.status == .usage ? "\nesi-cli: --help lists the flags" : ""))
  endProcess(error.status.rawValue)
}

do throws(Failure) { try start() } catch { fail(error) }
// No `await` at top level: it would hand this thread to libdispatch, which unblocks every signal on it.
while true { pause() }
