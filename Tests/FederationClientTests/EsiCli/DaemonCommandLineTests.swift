import TestSupport
import Testing

/// Ends every refusal.
private let help = "--help lists the flags"

/// The flags of --mode=daemon: each refusal is status 2 and a line that says what to do.
@Suite struct DaemonCommandLineTests {
  private static let whole = [
    "--mode=daemon", "--federated-server-url=https://127.0.0.1:1", "--inject-on-file=/none/a=v.k",
  ]

  @Test(
    "what does not go with a daemon, or makes no sense, is refused with advice",
    arguments: [
      ("--inject-on-env=A=v.k", "--inject-on-env does not go with --mode=daemon", "use --inject-on-file"),
      ("--binary-path=/bin/true", "--binary-path does not go with --mode=daemon", "--on-change-command"),
      ("--args=x", "--args does not go with --mode=daemon", "--on-change-args"),
      ("--federated-generators=a/Password/b", "--federated-generators does not go with", "use --mode=init"),
      ("--external-secrets=v.other", "v.other goes into no file", "leave it out"),
      ("--daemon-refresh-interval=999ms", "--daemon-refresh-interval=999ms is shorter than 1s", help),
      ("--daemon-refresh-interval=soon", "--daemon-refresh-interval=soon is not a duration", "30s"),
      ("--daemon-refresh-interval=9000h", "--daemon-refresh-interval=9000h is longer than 8760h", help),
      ("--federated-timeout=99999999999h", "--federated-timeout=99999999999h is longer than 8760h", help),
      ("--federated-server-url=", "--federated-server-url is required", help),
      ("--file-mode=640x", "--file-mode=640x is not a mode in octal", "0640"),
      ("--file-mode=4600", "--file-mode=4600 is not a mode in octal", help),
      ("--file-mode=60", "--file-mode=60 is not a mode in octal", help),
      ("--file-mode=0060", "--file-mode=0060 keeps the files' owner from reading them", help),
      ("--file-owner=no-such-user", "there is no user \"no-such-user\"", "write a name or UID"),
      ("--file-owner=0:no-such-group", "there is no group \"no-such-group\"", help),
      ("--file-owner=0:", "there is no group \"\"", help), ("--file-owner=4294967295", "there is no user", help),
      ("--on-change-command=script", "--on-change-command=script is not an absolute path", help),
      ("--on-change-command=/none", "--on-change-command=/none cannot be run: No such file", help),
      ("--on-change-args=a", "--on-change-args needs --on-change-command", help),
      ("--on-change-timeout=0", "--on-change-timeout=0 is not a duration", help),
      ("--on-change-signal=HUP", "--on-change-signal=HUP is not SIGNAL:PIDFILE", "HUP:/run/app.pid"),
      ("--on-change-signal=HUP:app.pid", "is not SIGNAL:PIDFILE", help),
      ("--on-change-signal=KILL:/run/app.pid", "\"KILL\" is not one of HUP, INT", help),
    ])
  func refusals(flag: String, message: String, advice: String) async throws {
    let outcome = try await EsiCli.run(Self.whole + [flag])
    #expect(outcome.exit == .status(2))
    #expect(outcome.stderr.contains(message) && outcome.stderr.contains(advice), "\(outcome.stderr)")
    #expect(outcome.stdout.isEmpty)
  }

  @Test("a daemon without a file has nothing to do")
  func noFile() async throws {
    let outcome = try await EsiCli.run(Array(Self.whole.dropLast()))
    #expect(outcome.exit == .status(2))
    #expect(outcome.stderr.contains("--mode=daemon needs --inject-on-file"))
  }

  @Test("files that every user may read are warned about, in either mode")
  func openFiles() async throws {
    let daemon = try await EsiCli.run(Self.whole + ["--file-mode=0644", "--federated-timeout=1s"])
    #expect(daemon.stderr.contains("warning: --file-mode=0644 opens the secrets to every user"))
    let group = try await EsiCli.run(Self.whole + ["--file-mode=0640", "--federated-timeout=1s"])
    #expect(!group.stderr.contains("--file-mode"))
    #expect(group.exit == .status(1))
  }

  @Test("what only a daemon does is refused in init mode")
  func initMode() async throws {
    for flag in ["--on-change-command=/bin/true", "--on-change-args=x", "--on-change-signal=HUP:/p"] {
      let outcome = try await EsiCli.run([
        "--mode=init", "--federated-server-url=https://fed", "--inject-on-env=A=v.k", "--binary-path=/bin/true", flag,
      ])
      #expect(outcome.exit == .status(2))
      #expect(outcome.stderr.contains("goes with --mode=daemon"))
    }
  }
}
