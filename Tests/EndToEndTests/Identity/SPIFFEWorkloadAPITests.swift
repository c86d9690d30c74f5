import FederationAPI
import Foundation
import TestSupport
import Testing
import WorkloadAPI

/// A server that has its own SVID and its bundles from a Workload API.
@Suite(.timeLimit(.minutes(3))) struct SPIFFEWorkloadAPITests {
  private static let serverID = "spiffe://\(SPIFFEWorld.domain)/federation"
  private static let otherID = SPIFFEWorld.workload("x", domain: "other.org")

  /// What the agent gives a server of `authority`'s trust domain, whose certificate bears `host`, too.
  private func answer(
    _ authority: TestCertificateAuthority, host: String, federated: [String: TestCertificateAuthority] = [:]
  ) throws -> WorkloadAPIAgent.Answer {
    var fields = TestCertificateAuthority.SVIDFields(Self.serverID)
    fields.names += ["DNS:localhost", "DNS:\(host)"]
    let svid = (id: Self.serverID, svid: try authority.issueSVID(fields), bundle: try authority.certificateDER)
    return .svids([svid], federated: try federated.mapValues { try $0.certificateDER })
  }

  @Test("SVID and bundles are what the Workload API gives, and what it pushes counts at once")
  func pushes() async throws {
    let (authority, other) = (try TestCertificateAuthority(name: "Mesh"), try TestCertificateAuthority(name: "Other"))
    let agent = try await WorkloadAPIAgent(
      answer(authority, host: "first.test", federated: ["spiffe://other.org": other]))
    let world = try await SPIFFEWorld(authority: authority, bundle: "") { configuration, _ in
      configuration.spiffe?.workloadAPI = try WorkloadAPIAddress(parsing: agent.socket)
    }
    try world.manifests.write(
      ManifestText.spiffeFederation("other", "other.org", "") + "---\n"
        + ManifestText.spiffeAuthorization("other", "other", id: Self.otherID, stores: ["app"]), to: "other.yaml")
    world.server.reload()
    let (ours, theirs) = (try authority.issueSVID(SPIFFEWorld.id), try other.issueSVID(Self.otherID))
    let open = try await world.connect(ours, over: .grpc)
    #expect(try await world.ask(open) == .value("s3cret"))
    #expect(try await world.ask(theirs, over: .ttrpc) == .value("s3cret"))
    #expect(try await world.shownNames().contains("first.test"))

    let next = try TestCertificateAuthority(name: "Next")
    world.lines.clear()
    try agent.push(answer(next, host: "second.test"))
    _ = await world.lines.first("trust_bundles_reloaded")
    #expect(try await world.shownNames().contains("second.test"))
    #expect(try await world.ask(open) == .error(.unauthenticated))
    #expect(try await world.ask(theirs, over: .http) == .refused)
    #expect(try await world.ask(next.issueSVID(SPIFFEWorld.id), over: .http, trusting: next) == .value("s3cret"))
    await world.stop()
  }

  @Test("while the Workload API is away only the federations that need it are, until it comes")
  func away() async throws {
    let authority = try TestCertificateAuthority(name: "Mesh")
    let directory = try TemporaryDirectory()
    let socket = directory.path + "/agent.sock"
    let other = try TestCertificateAuthority(name: "Other")
    let world = try await SPIFFEWorld(authority: authority, bundle: "") { configuration, _ in
      configuration.spiffe?.workloadAPI = try WorkloadAPIAddress(parsing: "unix://\(socket)")
      configuration.spiffe?.workloadAPISeconds = 0
    }
    let inline = Data(other.certificatePEM).base64EncodedString()
    try world.manifests.write(
      ManifestText.spiffeFederation("other", "other.org", "trustBundle: \(inline)") + "---\n"
        + ManifestText.spiffeAuthorization("other", "other", id: Self.otherID, stores: ["app"]), to: "other.yaml")
    world.server.reload()
    let (ours, theirs) = (try authority.issueSVID(SPIFFEWorld.id), try other.issueSVID(Self.otherID))
    #expect(try await world.ask(ours, over: .ttrpc) == .refused)
    #expect(try await world.ask(theirs, over: .ttrpc) == .value("s3cret"))
    let isTold = world.lines.all.contains {
      $0.contains("trust_bundle_unavailable") && $0.contains("\"federation\":\"mesh\"")
    }
    #expect(isTold)

    let agent = try await WorkloadAPIAgent(answer(authority, host: "late.test"), at: socket)
    _ = await world.lines.first("trust_bundles_reloaded")
    #expect(try await world.ask(ours, over: .ttrpc) == .value("s3cret"))
    #expect(try await world.shownNames().contains("late.test"))
    // What it gave last outlives it.
    agent.child.signal(SIGKILL)
    _ = await world.lines.first("workload_api_lost")
    #expect(try await world.ask(ours, over: .grpc) == .value("s3cret"))
    await world.stop()
  }
}
