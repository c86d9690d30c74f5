import FederationServer
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

/// What changes while a server starts, between reading a file and serving what was in it.
@Suite(.timeLimit(.minutes(1))) struct FirstReadingTests {
  private let directory: TemporaryDirectory
  private let authority: TestCertificateAuthority
  private let configuration: ServerConfiguration

  init() throws {
    directory = try TemporaryDirectory()
    authority = try TestCertificateAuthority()
    let certificate = try authority.issue()
    try FileManager.default.createDirectory(atPath: directory.path + "/trust", withIntermediateDirectories: true)
    var configuration = ServerConfiguration(
      manifestDirectory: directory.path + "/manifests", host: "127.0.0.1", port: 0,
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile)
    configuration.loops = 1
    configuration.spiffe = SPIFFEListening(host: "127.0.0.1", port: 0)
    self.configuration = configuration
  }

  private func write(_ kind: String, _ spec: String) throws {
    let manifest = """
      apiVersion: identity.federation.external-secrets.io/v1alpha1
      kind: \(kind)
      metadata: {name: a}
      spec: \(spec)

      """
    try directory.write(manifest, to: "manifests/a.yaml")
  }

  /// Starts a server; `change` is called when the log first has `reading`, as the first reading writes. Waits for `event`.
  private func start(
    changing change: @escaping @Sendable () throws -> Void, at reading: String, until event: String
  ) async throws {
    let (lines, continuation) = AsyncStream<String>.makeStream()
    let isChanged = Atomic(false)
    let log = Log(level: .info) { line in
      if line.contains(reading), !isChanged.exchange(true, ordering: .relaxed) { try? change() }
      continuation.yield(line)
    }
    let server = try await FederationServer.start(configuration, log: log)
    for await line in lines where line.contains(event) { break }
    await server.stop()
  }

  @Test("a bundle's file that comes when it was just found missing is taken up")
  func bundle() async throws {
    let path = directory.path + "/trust/bundle.pem"
    try write("SpiffeFederation", "{trustDomain: a.org, trustBundleFile: \(path)}")
    try await start(
      changing: { [directory, authority] in _ = try directory.write(authority.certificatePEM, to: "trust/bundle.pem") },
      at: "trust_bundle_unavailable", until: "trust_bundles_reloaded")
  }

  @Test("manifests that change when they were just read are read again")
  func manifests() async throws {
    try write("KubernetesFederation", "{url: 'https://a.test'}")
    try await start(
      changing: { [directory] in _ = try directory.write("", to: "manifests/b.yaml") },
      at: "has no `audiences`", until: "\"generation\":\"2\"")
  }
}
