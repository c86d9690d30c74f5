import FederationAPI
import TestSupport
import Testing

/// SVIDs on every wire, in every condition that the issue names. The others' rows are in ``IdentityMatrixTests``; who
/// proves nothing by an SVID is not heard at all.
@Suite(.timeLimit(.minutes(2))) struct SPIFFEMatrixTests {
  enum Condition: String, CaseIterable {
    case valid, expired
    case wrongIssuer = "another CA"
    case wrongDomain = "another domain"
    case wrongSubject = "unauthorised ID"
    case revoked
    case revokedOpen = "revoked, open"
    /// Two federations of one trust domain: gone in the one, there in the other.
    case twin = "twin's grant"
    case twinOpen = "twin's grant, open"
    /// The same, but the other federation's bundle is of another CA.
    case foreign = "unproved twin's"
    case withdrawn = "CA withdrawn"
    case withdrawnOpen = "CA withdrawn, open"
    case endedOpen = "ended while open"

    var expected: SPIFFEWorld.Outcome {
      switch self {
      case .valid, .twin, .twinOpen: .value("s3cret")
      case .revokedOpen, .withdrawnOpen, .endedOpen: .error(.unauthenticated)
      default: .refused
      }
    }

    var isOpen: Bool { [.revokedOpen, .twinOpen, .withdrawnOpen].contains(self) }
  }

  @Test("SVIDs are judged alike on each wire, in each condition")
  func matrix() async throws {
    let world = try await SPIFFEWorld()
    let stranger = try TestCertificateAuthority(name: "Stranger")
    try world.trust(world.authority, by: "twin")
    try world.trust(stranger, by: "foreign")
    world.server.reload()
    let good = try world.authority.issueSVID(SPIFFEWorld.id)
    var open: [SPIFFEWorld.Wire: SPIFFEWorld.Caller] = [:]
    for wire in SPIFFEWorld.Wire.allCases { open[wire] = try await world.connect(good, over: wire) }
    var cells: [String: [String]] = [:]
    for condition in Condition.allCases {
      try Self.prepare(condition, in: world)
      let svid = try Self.svid(condition, good, world.authority, stranger)
      for wire in SPIFFEWorld.Wire.allCases {
        let caller = try #require(open[wire])
        if condition == .valid { #expect(try await world.ask(caller) == .value("s3cret")) }
        let outcome =
          condition == .endedOpen
          ? try await Self.afterItsEnd(wire, in: world)
          : condition.isOpen ? try await world.ask(caller) : try await world.ask(svid, over: wire)
        #expect(outcome == condition.expected, "\(wire): \(condition.rawValue): \(outcome)")
        let word = "\(outcome)".split(separator: ":").first.map(String.init) ?? ""
        cells["spiffe/\(wire.rawValue)", default: []].append(word)
      }
    }
    print(MatrixTable.text(cells, columns: Condition.allCases.map(\.rawValue)))
    for case .http(let client, _, _) in open.values { client.close() }
    await world.stop()
  }

  /// Changes what the server is told before `condition` is looked at.
  private static func prepare(_ condition: Condition, in world: SPIFFEWorld) throws {
    switch condition {
    case .revoked: try world.grant([SPIFFEWorld.workload("keeper")])
    case .twin: try world.grant([SPIFFEWorld.id], by: "twin")
    case .foreign: try world.grant([SPIFFEWorld.id], by: "foreign")
    case .withdrawn:
      let next = try TestCertificateAuthority(name: "Next")
      for name in ["mesh", "twin"] { try world.trust(next, by: name) }
      try world.grant([SPIFFEWorld.id])
    case .endedOpen:
      try world.trust(world.authority, by: "mesh")
      world.server.reload()
    default: break
    }
  }

  /// What a connection comes to whose SVID ends while it is open.
  private static func afterItsEnd(_ wire: SPIFFEWorld.Wire, in world: SPIFFEWorld) async throws -> SPIFFEWorld.Outcome {
    var fields = TestCertificateAuthority.SVIDFields(SPIFFEWorld.id)
    fields.validSeconds = 4
    let caller = try await world.connect(try world.authority.issueSVID(fields), over: wire)
    #expect(try await world.ask(caller) == .value("s3cret"))
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      let outcome = try await world.ask(caller)
      guard outcome == .value("s3cret"), ContinuousClock.now < deadline else {
        if case .http(let client, _, _) = caller { client.close() }
        return outcome
      }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  private static func svid(
    _ condition: Condition, _ good: TestCertificateAuthority.IssuedSVID, _ authority: TestCertificateAuthority,
    _ stranger: TestCertificateAuthority
  ) throws -> TestCertificateAuthority.IssuedSVID {
    var fields = TestCertificateAuthority.SVIDFields(SPIFFEWorld.id)
    switch condition {
    case .expired: fields.validSeconds = -10
    case .wrongSubject: fields = .init(SPIFFEWorld.workload("stranger"))
    case .wrongDomain: fields = .init(SPIFFEWorld.workload("shop", domain: "example.com"))
    case .wrongIssuer: return try stranger.issueSVID(fields)
    default: return good
    }
    return try authority.issueSVID(fields)
  }
}
