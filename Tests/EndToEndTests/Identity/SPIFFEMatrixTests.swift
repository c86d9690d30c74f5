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

    var expected: SPIFFEWorld.Outcome {
      switch self {
      case .valid: .value("s3cret")
      case .revokedOpen: .error(.unauthenticated)
      default: .refused
      }
    }
  }

  @Test("SVIDs are judged alike on each wire, in each condition")
  func matrix() async throws {
    let world = try await SPIFFEWorld()
    let stranger = try TestCertificateAuthority(name: "Stranger")
    let good = try world.authority.issueSVID(SPIFFEWorld.id)
    var open: [SPIFFEWorld.Wire: SPIFFEWorld.Caller] = [:]
    var cells: [SPIFFEWorld.Wire: [String]] = [:]
    for condition in Condition.allCases {
      if condition == .revoked { try world.grant([SPIFFEWorld.workload("keeper")]) }
      var fields = TestCertificateAuthority.SVIDFields(SPIFFEWorld.id)
      if condition == .expired { fields.validSeconds = -10 }
      if condition == .wrongSubject { fields = .init(SPIFFEWorld.workload("stranger")) }
      if condition == .wrongDomain { fields = .init(SPIFFEWorld.workload("shop", domain: "example.com")) }
      let authority = condition == .wrongIssuer ? stranger : world.authority
      let svid = condition == .valid || condition == .revoked ? good : try authority.issueSVID(fields)
      for wire in SPIFFEWorld.Wire.allCases {
        let outcome: SPIFFEWorld.Outcome
        if condition == .revokedOpen, let caller = open[wire] {
          outcome = try await world.ask(caller)
        } else {
          outcome = try await world.ask(svid, over: wire)
        }
        if condition == .valid {
          let caller = try await world.connect(good, over: wire)
          open[wire] = caller
          #expect(try await world.ask(caller) == .value("s3cret"))
        }
        #expect(outcome == condition.expected, "\(wire): \(condition.rawValue): \(outcome)")
        cells[wire, default: []].append("\(outcome)".split(separator: ":").first.map(String.init) ?? "")
      }
    }
    print(Self.table(cells))
    for case .http(let client, _, _) in open.values { client.close() }
    await world.stop()
  }

  private static func table(_ cells: [SPIFFEWorld.Wire: [String]]) -> String {
    func row(_ words: [String]) -> String {
      words.map { $0 + String(repeating: " ", count: max(1, 18 - $0.count)) }.joined()
    }
    let rows = cells.sorted { $0.key.rawValue < $1.key.rawValue }.map { row(["spiffe/\($0.key.rawValue)"] + $0.value) }
    return ([row(["method/wire"] + Condition.allCases.map(\.rawValue))] + rows).joined(separator: "\n")
  }
}
