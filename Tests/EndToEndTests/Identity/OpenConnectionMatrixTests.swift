import FederationAPI
import TTRPC
import TestSupport
import Testing

/// What becomes of connections that are open while their caller's grant or key goes: of a ttrpc connection that
/// Authenticate bound, and of those of all wires that show the token with each call.
@Suite(.timeLimit(.minutes(2))) struct OpenConnectionMatrixTests {
  private static let granted = Result<String, RPCError>.success("s3cret")
  private typealias Method = IdentityMatrixWorld.Method

  @Test("an open connection is good no longer than the grant and the issuer's key, bound or not, on each wire")
  func matrix() async throws {
    let world = try await IdentityMatrixWorld()
    var tokens: [Method: String] = [:]
    var bound: [Method: TTRPCClient] = [:]
    for method in Method.allCases {
      let token = try world.token(method, .valid)
      tokens[method] = token
      bound[method] = try await world.bind(token)
    }
    var columns: [String] = []
    var cells: [String: [String]] = [:]
    func look(
      _ name: String, _ expected: Result<String, RPCError>, whereBound: Result<String, RPCError>? = nil
    ) async throws {
      columns.append(name)
      for method in Method.allCases {
        let (client, token) = (try #require(bound[method]), try #require(tokens[method]))
        var rows = [("ttrpc, bound", await world.ask(nil, by: client))]
        for wire in IdentityMatrixWorld.Wire.allCases {
          rows.append((wire.rawValue, try await world.ask(token, over: wire)))
        }
        for (place, (row, answer)) in rows.enumerated() {
          #expect(answer == (place == 0 ? whereBound ?? expected : expected), "\(method.rawValue) over \(row): \(name)")
          cells["\(method.rawValue)/\(row)", default: []].append(MatrixTable.word(answer))
        }
      }
    }

    try await look("granted", Self.granted)
    try world.grant(nil)
    try await look("grant removed", .failure(.notAuthorized))
    try world.grant(.first)
    try await look("granted again", Self.granted)
    // What is bound is what the federations found that had an Authorization then; a token is looked at with each call.
    try world.grant(.twin)
    try await look("twin's grant", Self.granted, whereBound: .failure(.notAuthorized))
    for method in Method.allCases { try await world.bind(try #require(bound[method]), try #require(tokens[method])) }
    try await look("bound anew", Self.granted)
    try world.grant(.first)
    for method in Method.allCases { try await world.bind(try #require(bound[method]), try #require(tokens[method])) }

    try world.withdrawKeys()
    for method in Method.allCases {
      // Who brings the new key has the set fetched anew, which the server does every ten seconds at most.
      let token = try world.freshToken(method)
      let deadline = ContinuousClock.now + .seconds(60)
      while try await world.ask(token, over: .grpc) != Self.granted {
        guard ContinuousClock.now < deadline else {
          throw TestSupportError("\(method.rawValue)'s new key is not taken")
        }
        try await Task.sleep(for: .milliseconds(200))
      }
    }
    try await look("key withdrawn", .failure(.unauthenticated))
    for method in Method.allCases {
      let token = try world.freshToken(method)
      tokens[method] = token
      try await world.bind(try #require(bound[method]), token)
    }
    try await look("new key", Self.granted)
    print(MatrixTable.text(cells, columns: columns))
    await world.stop()
  }
}
