import TestSupport
import Testing

/// The flags as a user meets them: each refusal is status 2 and a line that says what to do.
@Suite struct CommandLineTests {
  private static let whole = [
    "--mode=init", "--federated-server-url=https://fed", "--inject-on-env=A=v.k", "--binary-path=/bin/true",
  ]

  /// The complete command line with `changes` put after it; the last value of a flag counts.
  private func refusal(_ changes: String...) async throws -> String {
    let outcome = try await EsiCli.run(Self.whole + changes)
    #expect(outcome.exit == .status(2))
    #expect(outcome.stdout.isEmpty)
    return outcome.stderr
  }

  @Test("help names every flag of the contract and ends well")
  func help() async throws {
    let outcome = try await EsiCli.run(["--help"])
    #expect(outcome.exit == .status(0))
    let flags = """
      mode namespace external-secrets inject-on-env inject-on-file binary-path args daemon-refresh-interval
      file-mode file-owner on-change-command on-change-args on-change-timeout on-change-signal
      federated-generators federated-generator-namespace federated-generator-kind
      federated-server-url federated-store federated-token federated-ca-crt federated-auth
      federated-socket-path federated-server-spiffe-id spiffe-svid spiffe-key spiffe-bundle workload-token workload-token-path federated-transport
      okta-client-id okta-private-key okta-domain okta-auth-server okta-scopes
      pingidentity-client-id pingidentity-private-key pingidentity-region pingidentity-environment-id
      pingidentity-scopes okta-key-id pingidentity-key-id pingidentity-issuer federated-auth-ca-crt federated-timeout help version
      """
    for flag in flags.split(whereSeparator: \.isWhitespace) { #expect(outcome.text.contains("--\(flag) ")) }
    #expect(outcome.text.contains("(default /var/run/secrets/kubernetes.io/serviceaccount/token)"))
  }

  @Test("the version is one line")
  func version() async throws {
    let outcome = try await EsiCli.run(["--version"])
    #expect(outcome.exit == .status(0))
    #expect(outcome.text.hasPrefix("esi-cli ") && outcome.text.hasSuffix("\n"))
  }

  @Test(
    "a flag that is not known is refused, with the one it may be",
    arguments: [
      (["--federated-stroe=x"], "unknown flag --federated-stroe; did you mean --federated-store?"),
      (["--inject-on-en", "x"], "flags cannot be abbreviated: write --inject-on-env for --inject-on-en"),
      (["--federated-s=x"], "unknown flag --federated-s: it could be --federated-server-url, --federated-store"),
      (["-mode=init"], "unknown flag -mode; did you mean --mode?"),
      (["--nothing-like-it"], "unknown flag --nothing-like-it; see --help"),
      (["--mode"], "--mode needs a value: --mode=MODE"), (["--help=yes"], "--help takes no value"),
      (["extra"], "unexpected argument \"extra\""), (["--", "extra"], "unexpected argument \"extra\""),
    ])
  func unknownFlags(arguments: [String], message: String) async throws {
    let outcome = try await EsiCli.run(arguments)
    #expect(outcome.exit == .status(2))
    #expect(outcome.stderr.contains(message))
  }

  @Test(
    "what is missing or wrong is named",
    arguments: [
      ("--mode=", "--mode is required"), ("--mode=once", "--mode=once is not one of init, daemon"),
      ("--mode=daemon", "--inject-on-env does not go with --mode=daemon"),
      ("--binary-path=", "--binary-path is required"),
      ("--binary-path=true", "--binary-path=true is not an absolute path"),
      ("--federated-server-url=", "--federated-server-url is required"),
      ("--federated-server-url=fed", "--federated-server-url: the server URL has no scheme"),
      ("--federated-transport=carrier", "--federated-transport=carrier is not one of auto, rpc, grpc, http"),
      ("--federated-auth=ldap", "--federated-auth=ldap is not one of"),
      ("--federated-generators=ns/Password/p", "names ns/Password/p, but no injection flag uses it"),
      ("--federated-generators=p", "--federated-generators item \"p\" names no kind: write KIND/p"),
      ("--federated-generators=a/b/c/d", "--federated-generators item \"a/b/c/d\" is not namespace/kind/name"),
      ("--inject-on-env=A=ns/Password/p.k", "\"ns/Password/p\" is no generator of --federated-generators"),
      ("--inject-on-env=DB", "--inject-on-env item \"DB\" is not ENV=secretName.key"),
      ("--inject-on-file=rel=v.k", "--inject-on-file path \"rel\" is not an absolute path"),
      ("--external-secrets=db", "--external-secrets \"db\" names no store: give --federated-store"),
    ])
  func refusals(flag: String, message: String) async throws {
    #expect(try await refusal(flag).contains(message))
  }

  @Test("rpc needs TLS, and two workload tokens are one too many")
  func combinations() async throws {
    let plain = try await refusal("--federated-server-url=http://127.0.0.1:1", "--federated-transport=rpc")
    #expect(plain.contains("the rpc transport needs an https:// server"))
    let tokens = try await refusal("--workload-token=t", "--workload-token-path=/p")
    #expect(tokens.contains("give --workload-token or --workload-token-path, not both"))
  }

  @Test("nothing to inject is a mistake, not a success")
  func nothing() async throws {
    let arguments = ["--mode=init", "--federated-server-url=https://fed", "--binary-path=/bin/true"]
    let outcome = try await EsiCli.run(arguments)
    #expect(outcome.exit == .status(2))
    #expect(outcome.stderr.contains("nothing to inject"))
  }

  @Test(
    "durations have Go's syntax",
    arguments: [
      ("30s", true), ("1h30m", true), ("1.5m", true), ("100ms", true), ("1µs", true), ("2h45m30.5s", true),
      ("0", false), ("0s", false), ("", false), ("30", false), ("s", false), ("-1s", false), ("1d", false),
      ("1 s", false), ("1s ", false), ("1..5s", false), ("1s2", false), ("infs", false), ("nans", false),
      ("١s", false),
    ])
  func durations(text: String, isValid: Bool) async throws {
    for flag in ["--federated-timeout", "--daemon-refresh-interval"] {
      // With a valid duration the next thing that is wrong is told instead.
      let told = try await refusal("\(flag)=\(text)", "--inject-on-env=BAD")
      #expect(told.contains("\(flag)=\(text) is not a duration") == !isValid)
      #expect(told.contains("BAD") == isValid)
    }
  }

  @Test("each method's own flags are checked")
  func authentication() async throws {
    let directory = try TemporaryDirectory()
    let pem = try TestSigningKey().privateKey.pem
    let key = try directory.write(try #require(pem.text), to: "key.pem")
    let noKey = try directory.write("key", to: "no-key.pem")
    let okta = ["--federated-auth=okta", "--okta-client-id=i", "--okta-domain=https://o", "--okta-private-key=\(key)"]
    let ping = [
      "--federated-auth=pingidentity", "--pingidentity-client-id=i", "--pingidentity-region=eu",
      "--pingidentity-environment-id=e", "--pingidentity-private-key=\(key)",
    ]
    let spiffe = ["--federated-auth=spiffe"]
    let svid = spiffe + ["--spiffe-svid=/svid.pem"]
    let cases: [([String], String)] = [
      (okta + ["--okta-client-id="], "okta-client-id is required"),
      (okta + ["--okta-domain="], "okta-domain is required"), (okta + ["--okta-domain=o"], "okta-domain \"o\" is not"),
      (okta + ["--okta-domain=http://o"], "okta-domain \"http://o\" is not an https URL"),
      (okta + ["--okta-auth-server=../../x"], "okta-auth-server \"../../x\" is no ID"),
      (okta + ["--okta-private-key=/none"], "failed to load Okta private key"),
      (
        okta + ["--okta-private-key=\(noKey)"],
        "failed to load Okta private key: the private key \(noKey) cannot be used: invalid key: "
      ),
      (ping + ["--pingidentity-client-id="], "pingidentity-client-id is required"),
      (ping + ["--pingidentity-region="], "pingidentity-region is required"),
      (ping + ["--pingidentity-region=us"], "pingidentity-region \"us\" is not one of com, eu, asia, ca"),
      (ping + ["--pingidentity-environment-id="], "pingidentity-environment-id is required"),
      (ping + ["--pingidentity-environment-id=x/../y"], "pingidentity-environment-id \"x/../y\" is no ID"),
      (ping + ["--pingidentity-issuer=ping"], "pingidentity-issuer \"ping\" is not an https URL"),
      (ping + ["--pingidentity-private-key=/none"], "failed to load PingIdentity private key"),
      (spiffe, "needs --federated-socket-path, $SPIFFE_ENDPOINT_SOCKET, or --spiffe-svid with --spiffe-key"),
      (spiffe + ["--federated-socket-path=tcp://127.0.0.1:1"], "is not a Unix socket's"),
      (spiffe + ["--federated-server-spiffe-id=server"], "is not a SPIFFE ID"),
      (spiffe + ["--federated-server-spiffe-id=spiffe://td"], "is not a SPIFFE ID"),
      (spiffe + ["--spiffe-bundle=/bundle.pem"], "--spiffe-bundle goes with --spiffe-svid"),
      (svid, "--spiffe-svid and --spiffe-key go together"),
      (svid + ["--spiffe-key=/key.pem", "--federated-socket-path=/agent.sock"], "not both"),
      (
        svid + ["--spiffe-key=/key.pem", "--federated-server-spiffe-id=spiffe://td/server"],
        "needs --spiffe-bundle, which the ID is proved by"
      ),
    ]
    for (flags, message) in cases {
      let outcome = try await EsiCli.run(Self.whole + flags)
      #expect(outcome.exit == .status(2))
      #expect(outcome.stderr.contains(message))
    }
  }

  @Test("a program that cannot be run is told as a shell tells it, before anything is fetched")
  func programs() async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("#!/bin/sh\n", to: "not-executable")
    for (path, status) in [("/none/such", 127), (file, 126), (directory.path, 126)] as [(String, Int32)] {
      let outcome = try await EsiCli.run(Self.whole + ["--binary-path=\(path)"])
      #expect(outcome.exit == .status(status))
      #expect(outcome.stderr.contains("cannot run --binary-path \(path): "))
    }
  }
}
