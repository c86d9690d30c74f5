import FederationAPI
import FederationServer
import GRPC
import HTTPClient
import JSON
import Logging
import TTRPC
import TestSupport
import Testing
import Transport

/// Every limit of callers, on every wire: how it is told, and whom it lets through.
@Suite(.timeLimit(.minutes(2))) struct CallLimitTests {
  @Test(
    "past an identity's calls it is told to wait, and another identity is answered", arguments: LimitedWire.allCases)
  func identity(wire: LimitedWire) async throws {
    let world = try await LimitedWorld { $0.callLimits.requestsPerIdentity = 1 }
    #expect(try await world.ask(wire, world.token()) == .success("s3cret"))
    let error = try await world.askUntilRefused(wire, world.token())
    #expect(error.message == "too many calls of this identity; wait, and fetch several secrets in one call")
    #expect(try await world.ask(wire, world.token("other")) == .failure(.notAuthorized))
    await world.stop()
  }

  @Test("past an address's calls nobody there is answered", arguments: LimitedWire.allCases)
  func address(wire: LimitedWire) async throws {
    let world = try await LimitedWorld { $0.callLimits.requestsPerAddress = 1 }
    #expect(try await world.ask(wire, nil) == .failure(.unauthenticated))
    let error = try await world.askUntilRefused(wire, nil)
    #expect(error.message == "too many calls from this address; wait, and fetch several secrets in one call")
    await world.stop()
  }

  @Test("past an address's refused tokens only known ones are accepted", arguments: LimitedWire.allCases)
  func failures(wire: LimitedWire) async throws {
    let world = try await LimitedWorld { $0.callLimits.failuresPerAddress = 1 }
    let known = try world.token()
    #expect(try await world.ask(wire, known) == .success("s3cret"))
    #expect(try await world.ask(wire, "a.b.c") == .failure(.unauthenticated))
    for token in ["a.b.c", try world.token("other")] {
      guard case .failure(let error) = try await world.ask(wire, token) else {
        Issue.record("a token that was not known is accepted")
        continue
      }
      #expect(error.code == .resourceExhausted)
      #expect(error.message == "too many tokens from this address were refused; wait before you present another")
      #expect(try #require(error.retryAfterSeconds) > 0)
    }
    #expect(try await world.ask(wire, known) == .success("s3cret"))
    #expect(try await world.ask(wire, nil) == .failure(.unauthenticated))
    await world.stop()
  }
}

/// How a call reaches the server.
enum LimitedWire: CaseIterable, Sendable { case ttrpc, grpc, http }

/// A server with limits of its own, asked for one secret over each wire.
private final class LimitedWorld: Sendable {
  private let federation: RunningFederation
  private let group: EventLoopGroup
  private let ttrpc: FederationRPCClient
  private let grpc: FederationRPCClient

  init(_ configure: @Sendable (inout ServerConfiguration) -> Void) async throws {
    federation = try await RunningFederation(configure: configure)
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let port = federation.server.address.port
    ttrpc = FederationRPCClient(
      client: try await TTRPCClient.connect(.loopback(port, TTRPCClient.alpn, ca: federation.ca), group: group))
    grpc = FederationRPCClient(
      client: try await GRPCClient.connect(.loopback(port, GRPCClient.alpn, ca: federation.ca), group: group))
  }

  func token(_ serviceAccount: String = "app") throws -> String {
    try federation.key.token(
      ServiceAccountClaims(issuer: RunningFederation.issuerName, serviceAccount: serviceAccount))
  }

  /// The value or the error; over HTTP, the error that status, body and `Retry-After` stand for.
  func ask(_ wire: LimitedWire, _ token: String?) async throws -> Result<String, RPCError> {
    let client: FederationRPCClient
    switch wire {
    case .ttrpc: client = ttrpc
    case .grpc: client = grpc
    case .http: return try await askOverHTTP(token)
    }
    let request = GetSecretRequest(store: "app", name: "password", caCertificates: federation.ca.certificatePEM)
    do throws(RPCError) {
      let value = try await client.getSecret(request, credentials: .init(token: token))
      return .success(value.text ?? "")
    } catch {
      return .failure(error)
    }
  }

  private func askOverHTTP(_ token: String?) async throws -> Result<String, RPCError> {
    let response = try await federation.ask(authorization: token.map { "Bearer \($0)" })
    let text = try #require(try JSONValue.parse(response.body).string)
    let retryAfter = response.header("retry-after").flatMap { Int($0) }
    switch response.status {
    case 200: return .success(text)
    case 401: return .failure(RPCError(.unauthenticated, text))
    case 404: return .failure(RPCError(.permissionDenied, text))
    case 429: return .failure(RPCError(.resourceExhausted, text, retryAfterSeconds: retryAfter.map { Double($0) }))
    default: throw TestSupportError("HTTP \(response.status): \(text)")
    }
  }

  /// Asks until there is no call left, and gives the refusal. How many that takes depends on how long each one takes.
  func askUntilRefused(_ wire: LimitedWire, _ token: String?) async throws -> RPCError {
    for _ in 0..<10_000 {
      guard case .failure(let error) = try await ask(wire, token), error.code == .resourceExhausted else { continue }
      let advice = try #require(error.retryAfterSeconds)
      #expect(advice > 0 && advice <= 1)
      return error
    }
    throw TestSupportError("never refused")
  }

  func stop() async {
    await group.shutDown(graceSeconds: 0)
    await federation.stop()
  }
}
