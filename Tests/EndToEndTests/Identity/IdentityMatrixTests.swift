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
    /// Two federations of one issuer: gone in the one, there in the other.
    case twin = "twin's grant"
    /// The same, but the other federation wants an audience that the token is not for.
    case foreign = "unproved twin's"

    /// The federation whose Authorization lets the subject read, nil for none.
    var grant: IdentityMatrixWorld.Federation? {
      switch self {
      case .revoked: nil
      case .twin: .twin
      case .foreign: .foreign
      default: .first
      }
    }

    /// What every wire answers: who proved nothing is not known, who is known and may not is told that there is nothing.
    var expected: Result<String, RPCError> {
      switch self {
      case .valid, .twin: .success("s3cret")
      case .expired, .wrongAudience, .wrongIssuer: .failure(.unauthenticated)
      case .wrongSubject, .revoked, .foreign: .failure(.notAuthorized)
      }
    }
  }

  @Test("each method is judged alike on each wire, in each condition")
  func matrix() async throws {
    let world = try await IdentityMatrixWorld()
    var cells: [String: [String]] = [:]
    for condition in Condition.allCases {
      if condition.grant != .first { try world.grant(condition.grant) }
      for method in IdentityMatrixWorld.Method.allCases {
        // Revocation counts for the token that was good before.
        let token = try world.token(method, condition)
        for wire in IdentityMatrixWorld.Wire.allCases {
          let answer = try await world.ask(token, over: wire)
          #expect(answer == condition.expected, "\(method.rawValue) over \(wire.rawValue): \(condition.rawValue)")
          cells["\(method.rawValue)/\(wire.rawValue)", default: []].append(MatrixTable.word(answer))
        }
      }
    }
    print(MatrixTable.text(cells, columns: Condition.allCases.map(\.rawValue)))
    await world.stop()
  }
}
