import CLinux
import Glibc

/// Writes to stderr, where nothing is buffered that an exec would lose.
func report(_ message: String) {
  let line = "esi-cli: \(message)\n"
  _ = line.withCString { write(2, $0, strlen($0)) }
}

do throws(Failure) {
  // No core dump and no debugger of the same user may show the secrets; execve lifts this for the program.
  _ = clinux_set_undumpable()
  let inherited = ProcessInheritance.capture()
  var options = CommandOptions()
  if let namespace = getenv("KUBERNETES_NAMESPACE") { options.namespace = String(cString: namespace) }
  try CommandLineParser.parse(try CommandLineParser.arguments(), into: &options)
  if options.help || options.version {
    print(options.help ? Usage.text : "esi-cli \(Usage.version)", terminator: options.help ? "" : "\n")
    exit(ExitStatus.success.rawValue)
  }
  let settings = try InitSettings(options)
  for warning in settings.warnings { report("warning: \(warning)") }
  try await InitMode(options: options, settings: settings).run(inherited: inherited)
} catch {
  report(error.message + (error.status == .usage ? "\nesi-cli: --help lists the flags" : ""))
  exit(error.status.rawValue)
}
