import FederationServer
import JSON
import LoadGenerator
import Logging
import TestSupport

/// An issuer, its tokens, manifests and a server in this process, for runs against it.
final class BenchWorld: Sendable {
  let directory: TemporaryDirectory
  let issuer: OIDCIssuer
  let server: FederationServer

  /// `tokens` and `fresh` are how many of each there are, all of one subject.
  static func start(
    values: ValueRule = ValueRule(size: 64), secrets: Int = 10, keysPerStore: Int? = nil, tokens: Int = 2,
    fresh: Int = 0
  ) async throws -> BenchWorld {
    let directory = try TemporaryDirectory()
    let authority = try TestCertificateAuthority()
    let issuer = try OIDCIssuer(authority: authority)
    let tokenLines = try (0..<tokens + fresh).map { number in
      var claims = ServiceAccountClaims(
        issuer: issuer.issuer, namespace: ManifestSet.namespace, serviceAccount: "app-0",
        audiences: [ManifestSet.audience])
      claims.overrides["jti"] = .string("\(number)")
      return try issuer.token(claims)
    }
    try directory.write(tokenLines.prefix(tokens).joined(separator: "\n"), to: "tokens.txt")
    try directory.write(tokenLines.dropFirst(tokens).joined(separator: "\n"), to: "fresh.txt")
    var manifests = ManifestOptions()
    manifests.directory = directory.path + "/config"
    manifests.issuerURL = issuer.url
    manifests.issuer = issuer.issuer
    manifests.caFile = authority.certificateFile
    manifests.secrets = secrets
    manifests.keysPerStore = keysPerStore
    manifests.values = values
    try ManifestSet(manifests).write()
    let certificate = try authority.issue(label: "federation")
    var configuration = ServerConfiguration(
      manifestDirectory: manifests.directory, host: "127.0.0.1", port: 0, certificateFile: certificate.certificateFile,
      keyFile: certificate.keyFile)
    // One identity on one address makes all of the load.
    configuration.callLimits.requestsPerIdentity = 1_000_000
    configuration.callLimits.requestsPerAddress = 1_000_000
    configuration.loops = 1
    configuration.watchesManifests = false
    let server = try await FederationServer.start(configuration, log: Log(level: .error))
    try directory.write(authority.certificatePEM, to: "ca.crt")
    return BenchWorld(directory, issuer, server)
  }

  private init(_ directory: TemporaryDirectory, _ issuer: OIDCIssuer, _ server: FederationServer) {
    self.directory = directory
    self.issuer = issuer
    self.server = server
  }

  /// A short run against the server, with the words that the command line would have.
  func run(_ words: String..., seconds: Double = 0.3) async throws -> (options: RunOptions, counts: RunCounts) {
    let options = try RunOptions(
      arguments: [
        "--target", "127.0.0.1:\(server.address.port)", "--ca", directory.path + "/ca.crt", "--tokens",
        directory.path + "/tokens.txt", "--duration", "\(seconds)", "--warm-up", "0.1", "--keys", "10",
      ] + words)
    return (options, try await LoadTest(options).run())
  }

  func stop() async {
    await server.stop()
    await issuer.stop()
  }
}
