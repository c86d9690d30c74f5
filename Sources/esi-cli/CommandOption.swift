/// One flag: its name, where its value goes, and what `--help` says of it.
struct CommandOption {
  /// Where a flag's value goes.
  enum Target {
    /// Takes one value; the last one given counts.
    case text(WritableKeyPath<CommandOptions, String>)
    /// Takes a comma-separated list; may be given several times.
    case list(WritableKeyPath<CommandOptions, [String]>)
    /// Takes no value.
    case flag(WritableKeyPath<CommandOptions, Bool>)
  }

  var name: String
  var target: Target
  var placeholder: String
  var help: String

  init(_ name: String, _ target: Target, _ placeholder: String, _ help: String) {
    self.name = name
    self.target = target
    self.placeholder = placeholder
    self.help = help
  }

  var takesValue: Bool { if case .flag = target { false } else { true } }

  /// Puts `value` where the flag says.
  func set(_ value: String, in options: inout CommandOptions) {
    switch target {
    case .text(let path): options[keyPath: path] = value
    case .list(let path): options[keyPath: path].append(value)
    case .flag(let path): options[keyPath: path] = true
    }
  }

  /// The flags in the groups and order of `--help`.
  static var groups: [(title: String, options: [CommandOption])] {
    [
      ("General", general), ("Federation", federation), ("SPIFFE (--federated-auth=spiffe)", spiffe),
      ("Okta (--federated-auth=okta)", okta),
      ("PingIdentity (--federated-auth=pingidentity)", pingIdentity),
    ]
  }

  /// Every flag.
  static var all: [CommandOption] { groups.flatMap(\.options) }

  private static var general: [CommandOption] {
    [
      .init("mode", .text(\.mode), "MODE", "init: inject, then become --binary-path; daemon: keep files fresh"),
      .init(
        "namespace", .text(\.namespace), "NAME",
        "namespace of generators that name none; $KUBERNETES_NAMESPACE where that is set"),
      .init("external-secrets", .list(\.externalSecrets), "LIST", "keys to put into the environment by the name rule"),
      .init("inject-on-env", .list(\.injectOnEnv), "LIST", "ENV=secretName.key,... or * for every output and key"),
      .init("inject-on-file", .list(\.injectOnFile), "LIST", "/path=secretName.key, /path=secretName or /path=*,..."),
      .init("binary-path", .text(\.binaryPath), "PATH", "absolute path of the program to run"),
      .init("args", .text(\.args), "LIST", "the program's arguments, separated by commas"),
      .init(
        "daemon-refresh-interval", .text(\.daemonRefreshInterval), "DURATION",
        "time between the daemon's fetches, at least 1s"),
      .init("file-mode", .text(\.fileMode), "OCTAL", "permission bits of the files of --inject-on-file"),
      .init("file-owner", .text(\.fileOwner), "UID[:GID]", "whom those files are given to, by number or name"),
      .init("on-change-command", .text(\.onChangeCommand), "PATH", "daemon: program to run after files have changed"),
      .init("on-change-args", .text(\.onChangeArgs), "LIST", "its arguments, separated by commas"),
      .init("on-change-timeout", .text(\.onChangeTimeout), "DURATION", "time after which a hung command is ended"),
      .init(
        "on-change-signal", .text(\.onChangeSignal), "SIGNAL:PIDFILE",
        "daemon: signal to send after files have changed, such as HUP:/run/app.pid"),
      .init("help", .flag(\.help), "", "print this text"),
      .init("version", .flag(\.version), "", "print the version"),
    ]
  }

  private static var federation: [CommandOption] {
    [
      .init("federated-server-url", .text(\.federatedServerURL), "URL", "federation server, https://HOST[:PORT]"),
      .init("federated-store", .text(\.federatedStore), "STORE", "store of the keys in --external-secrets"),
      .init(
        "federated-generators", .list(\.federatedGenerators), "LIST",
        "namespace/kind/name, kind/name or name,...: each issues one credential"),
      .init(
        "federated-generator-namespace", .text(\.federatedGeneratorNamespace), "NAME",
        "namespace of generators that name none; empty is --namespace"),
      .init(
        "federated-generator-kind", .text(\.federatedGeneratorKind), "KIND", "kind of generators that name none"),
      .init("federated-token", .text(\.federatedToken), "PATH", "bearer token file, read at every fetch"),
      .init(
        "federated-ca-crt", .text(\.federatedCACertificate), "PATH",
        "CA file: verifies the server and is sent as ca.crt; system roots when it does not exist"),
      .init(
        "federated-auth", .text(\.federatedAuth), "METHOD",
        "kubernetes, okta, pingidentity or spiffe"),
      .init(
        "federated-auth-ca-crt", .text(\.federatedAuthCACertificate), "PATH",
        "okta, pingidentity: CA file that verifies the authorization server; empty is the system's roots"),
      .init(
        "federated-transport", .text(\.federatedTransport), "WIRE",
        "auto, rpc, grpc or http"),
      .init(
        "federated-timeout", .text(\.federatedTimeout), "DURATION",
        "time for all secrets, and for each generator, retries included"),
      .init("workload-token", .text(\.workloadToken), "TOKEN", "value sent as x-workload-token"),
      .init("workload-token-path", .text(\.workloadTokenPath), "PATH", "file that holds the x-workload-token"),
    ]
  }

  private static var spiffe: [CommandOption] {
    [
      .init(
        "federated-socket-path", .text(\.federatedSocketPath), "ADDRESS",
        "Workload API, unix:///PATH or a path; empty is $SPIFFE_ENDPOINT_SOCKET"),
      .init(
        "federated-server-spiffe-id", .text(\.federatedServerSpiffeID), "ID",
        "SPIFFE ID that the server has to prove; empty goes by its name and --federated-ca-crt"),
      .init("spiffe-svid", .text(\.spiffeSVID), "PATH", "X.509-SVID in PEM, in place of a Workload API"),
      .init("spiffe-key", .text(\.spiffeKey), "PATH", "its private key in PEM"),
      .init("spiffe-bundle", .text(\.spiffeBundle), "PATH", "its trust domain's CA certificates in PEM"),
    ]
  }

  private static var okta: [CommandOption] {
    [
      .init("okta-client-id", .text(\.oktaClientID), "ID", "client ID, required"),
      .init("okta-private-key", .text(\.oktaPrivateKey), "PATH", "private key in PEM, required"),
      .init("okta-domain", .text(\.oktaDomain), "URL", "URL of the Okta organisation, required"),
      .init("okta-auth-server", .text(\.oktaAuthServer), "ID", "authorization server; empty is the organisation's own"),
      .init("okta-scopes", .text(\.oktaScopes), "LIST", "scopes, separated by spaces"),
      .init("okta-key-id", .text(\.oktaKeyID), "ID", "kid of the private key, for clients that have several"),
    ]
  }

  private static var pingIdentity: [CommandOption] {
    [
      .init("pingidentity-client-id", .text(\.pingIdentityClientID), "ID", "client ID, required"),
      .init("pingidentity-private-key", .text(\.pingIdentityPrivateKey), "PATH", "private key in PEM, required"),
      .init("pingidentity-region", .text(\.pingIdentityRegion), "REGION", "com, eu, asia or ca, required"),
      .init("pingidentity-environment-id", .text(\.pingIdentityEnvironmentID), "ID", "environment, required"),
      .init("pingidentity-scopes", .text(\.pingIdentityScopes), "LIST", "scopes, separated by spaces"),
      .init(
        "pingidentity-key-id", .text(\.pingIdentityKeyID), "ID", "kid of the private key, for clients that have several"
      ),
      .init(
        "pingidentity-issuer", .text(\.pingIdentityIssuer), "URL",
        "issuer of an environment with a domain of its own; empty is that of region and environment"),
    ]
  }
}
