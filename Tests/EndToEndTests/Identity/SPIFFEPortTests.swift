import FederationAPI
import FederationServer
import Foundation
import TestSupport
import Testing

/// The port for SVIDs from outside.
@Suite(.timeLimit(.minutes(2))) struct SPIFFEPortTests {
  /// Of an issuer that nobody trusts.
  private static let foreignWorkload = TestToken.assemble(
    header: ["alg": "none"], claims: ServiceAccountClaims(issuer: "https://x").json)

  @Test("a caller is answered on each wire as any other is, and from memory too", arguments: SPIFFEWorld.Wire.allCases)
  func answers(wire: SPIFFEWorld.Wire) async throws {
    let world = try await SPIFFEWorld()
    let caller = try await world.connect(world.authority.issueSVID(SPIFFEWorld.id), over: wire)
    for _ in 0..<3 { #expect(try await world.ask(caller) == .value("s3cret")) }
    #expect(try await world.ask(caller, store: "other") == .error(.notAuthorized))
    #expect(try await world.ask(caller, store: "nowhere") == .error(.notAuthorized))
    let missing = try await world.ask(caller, key: "nothing")
    #expect("\(missing)".contains("nothing") && missing != .refused, "\(missing)")
    #expect(try await world.ask(caller, authorization: "Bearer a.b.c") == .error(.unauthenticated))
    #expect(try await world.ask(caller, authorization: "Basic eDp5") == .error(.unauthenticated))
    // Its own workload is the one that the SVID names.
    let other = try await world.ask(caller, workloadToken: Self.foreignWorkload)
    #expect("\(other)".contains("names another workload"), "\(other)")
    #expect(try await world.ask(caller) == .value("s3cret"))
    await world.stop()
  }

  @Test("D25: deleting one of two grants of an ID leaves the other, and a changed ID locks the old one out")
  func grants() async throws {
    let world = try await SPIFFEWorld()
    let (shop, till) = (SPIFFEWorld.id, SPIFFEWorld.workload("till"))
    let (shopSVID, tillSVID) = (try world.authority.issueSVID(shop), try world.authority.issueSVID(till))
    try world.grant([shop, shop])
    #expect(try await world.ask(shopSVID, over: .grpc) == .value("s3cret"))
    try world.grant([shop])
    #expect(try await world.ask(shopSVID, over: .grpc) == .value("s3cret"))
    let open = try await world.connect(shopSVID, over: .ttrpc)
    #expect(try await world.ask(open) == .value("s3cret"))
    world.lines.clear()
    try world.grant([till])
    #expect(try await world.ask(shopSVID, over: .grpc) == .refused)
    #expect(await world.lines.first("spiffe_handshake_refused").contains("not authorized spiffe id: \(shop)"))
    #expect(try await world.ask(open) == .error(.unauthenticated))
    #expect(try await world.ask(tillSVID, over: .grpc) == .value("s3cret"))
    await world.stop()
  }

  @Test("a bundle that changes, breaks or goes takes down its own federation only, and comes back by itself")
  func bundleFile() async throws {
    let world = try await SPIFFEWorld(watches: true)
    let other = try TestCertificateAuthority(name: "Other")
    let inline = Data(other.certificatePEM).base64EncodedString()
    let id = SPIFFEWorld.workload("x", domain: "other.org")
    try world.manifests.write(
      ManifestText.spiffeFederation("other", "other.org", "trustBundle: \(inline)") + "---\n"
        + ManifestText.spiffeAuthorization("other", "other", id: id, stores: ["app"]), to: "other.yaml")
    _ = await world.lines.first("\"generation\":\"2\"")
    let (ours, theirs) = (try world.authority.issueSVID(SPIFFEWorld.id), try other.issueSVID(id))
    let open = try await world.connect(ours, over: .ttrpc)
    #expect(try await world.ask(open) == .value("s3cret"))
    #expect(try await world.ask(theirs, over: .grpc) == .value("s3cret"))

    func change(_ bytes: [UInt8]?) async throws {
      world.lines.clear()
      if let bytes {
        try world.authority.directory.write(bytes, to: "trust/bundle.pem")
      } else {
        try FileManager.default.removeItem(atPath: world.bundleFile)
      }
      _ = await world.lines.first("trust_bundles_reloaded")
    }
    // A further authority, as in a rotation: who is connected notices nothing.
    let next = try TestCertificateAuthority(name: "Next")
    try await change(world.authority.certificatePEM + next.certificatePEM)
    #expect(try await world.ask(open) == .value("s3cret"))
    #expect(try await world.ask(next.issueSVID(SPIFFEWorld.id), over: .ttrpc) == .value("s3cret"))
    for broken in [next.certificatePEM, Array("no bundle".utf8), nil] {
      try await change(broken)
      #expect(try await world.ask(open) == .error(.unauthenticated))
      #expect(try await world.ask(ours, over: .http) == .refused)
      #expect(try await world.ask(theirs, over: .grpc) == .value("s3cret"))
      let isTold = world.lines.all.contains {
        $0.contains("trust_bundle_unavailable") && $0.contains("spec.trustBundleFile")
      }
      #expect(isTold == (broken != next.certificatePEM))
      try await change(world.authority.certificatePEM)
      #expect(try await world.ask(open) == .value("s3cret"))
    }
    await world.stop()
  }

  @Test("the server shows its own SVID, and a new one as soon as it is there")
  func ownSVID() async throws {
    let files = try TemporaryDirectory()
    let world = try await SPIFFEWorld(watches: true) { configuration, authority in
      var fields = TestCertificateAuthority.SVIDFields("spiffe://example.org/federation")
      fields.names.append("DNS:first.example")
      configuration.spiffe?.svid = try authority.issueSVID(fields).write(to: files)
    }
    #expect(try await world.shownNames().contains("first.example"))
    world.lines.clear()
    var fields = TestCertificateAuthority.SVIDFields("spiffe://example.org/federation")
    fields.names.append("DNS:second.example")
    _ = try world.authority.issueSVID(fields).write(to: files)
    _ = await world.lines.first("certificates_reloaded")
    #expect(try await world.shownNames().contains("second.example"))
    await world.stop()
  }
}
