/// What `--help` and `--version` print.
enum Usage {
  static let version = "0.1.0"

  /// Every flag with its default.
  static var text: String {
    var text = """
      esi-cli gets secrets and credentials from a federation server, injects them, and becomes the program that needs them;
      or, as a daemon, keeps files of secrets fresh.

      Usage: esi-cli --mode=init --federated-server-url=URL [--federated-generators=LIST]
                     [--inject-on-env=LIST] [--inject-on-file=LIST] --binary-path=PATH [--args=LIST]
             esi-cli --mode=daemon --federated-server-url=URL --inject-on-file=LIST [--daemon-refresh-interval=DURATION]
                     [--on-change-command=PATH [--on-change-args=LIST]] [--on-change-signal=SIGNAL:PIDFILE]

      """
    for group in CommandOption.groups {
      text += "\n\(group.title):\n"
      for option in group.options { text += line(option) }
    }
    text += "\nExit status: 1 a secret was not fetched or injected, 2 usage, 126 or 127 the program cannot be run,\n"
    text += "else the program's own. The program is never started unless every secret is in place.\n"
    text += "The daemon prints `ready` after the first write. SIGHUP refreshes now; SIGTERM and SIGINT end it with 0.\n"
    return text
  }

  private static func line(_ option: CommandOption) -> String {
    let flag = "  --\(option.name)" + (option.takesValue ? " \(option.placeholder)" : "")
    return flag + String(repeating: " ", count: max(1, 40 - flag.count)) + option.help + defaultText(option) + "\n"
  }

  private static func defaultText(_ option: CommandOption) -> String {
    guard case .text(let path) = option.target else { return "" }
    let value = CommandOptions()[keyPath: path]
    return value.isEmpty ? "" : " (default \(value))"
  }
}
