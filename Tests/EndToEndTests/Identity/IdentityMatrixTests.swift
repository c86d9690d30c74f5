import FederationAPI
import TestSupport
import Testing

/// Every way to prove oneself, on every wire, in every condition that the issue names.
@Suite(.timeLimit(.minutes(2))) struct IdentityMatrixTests {
  /// What is wrong with the caller's proof.
  enum Condition: String, CaseIterable {
    case valid, expired
    case wrongAudience = "wrong audience"
    case wrongIssuer = "wrong issuer"
    case wrongSubject = "unauthorised subject"
    case revoked

    /// What every wire answers: who proved nothing is not known, who is known and may not is told that there is nothing.
    var expected: Result<String, RPCError> {
      switch self {
      case .valid: .success("s3cret")
      case .expired, .wrongAudience, .wrongIssuer: .failure(.unauthenticated)
      case .wrongSubject, .revoked: .failure(.notAuthorized)
      }
    }
  }

  @Test("each method is judged alike on each wire, in each condition")
  func matrix() async throws {
    let world = try await IdentityMatrixWorld()
    var cells: [String: [String]] = [:]
    for condition in Condition.allCases {
      if condition == .revoked { try world.revoke() }
      for method in IdentityMatrixWorld.Method.allCases {
        // Revocation counts for the token that was good before.
        let token = try world.token(method, condition)
        for wire in IdentityMatrixWorld.Wire.allCases {
          let answer = try await world.ask(token, over: wire)
          #expect(answer == condition.expected, "\(method.rawValue) over \(wire.rawValue): \(condition.rawValue)")
          cells["\(method.rawValue)/\(wire.rawValue)", default: []].append(Self.word(answer))
        }
      }
    }
    print(Self.table(cells))
    await world.stop()
  }

  private static func word(_ answer: Result<String, RPCError>) -> String {
    switch answer {
    case .success: "OK"
    case .failure(let error): "\(error.code)"
    }
  }

  private static func table(_ cells: [String: [String]]) -> String {
    func row(_ words: [String]) -> String {
      words.map { $0 + String(repeating: " ", count: max(1, 22 - $0.count)) }.joined()
    }
    let rows = cells.sorted { $0.key < $1.key }.map { row([$0.key] + $0.value) }
    return ([row(["method/wire"] + Condition.allCases.map(\.rawValue))] + rows).joined(separator: "\n")
  }
}
