import FederationAPI
import Logging
import SecretStores
import Synchronization
import Testing

@testable import Service

@Suite(.timeLimit(.minutes(1))) struct CallerLinesTests {
  @Test("a flood of denied calls is twenty lines a second, and the next line tells of the others")
  func denied() async throws {
    let lines = Mutex<[String]>([])
    let world = try MemoryWorld(limits: .none, sink: { line in lines.withLock { $0.append(line) } })
    let call = CallContext(authorization: "Bearer \(try world.token())", peer: "192.0.2.1:1")
    func ask() async -> Result<SecretBytes, RPCError> {
      await world.handlers.getSecret(GetSecretRequest(store: "not-granted", name: "k"), call).result()
    }
    func denied() -> [String] { lines.withLock { $0.filter { $0.contains(#""event":"secret_denied""#) } } }
    for _ in 0..<1_000 { #expect(await ask() == .failure(.notAuthorized)) }
    #expect(denied().count == 20)
    world.clock.advance(1)
    #expect(await ask() == .failure(.notAuthorized))
    #expect(denied().count == 21)
    #expect(denied().last?.hasSuffix(#""peer":"192.0.2.1:1","suppressed_before":"980"}"#) == true)
  }

  @Test("each kind of line has a bound of its own")
  func kinds() {
    let lines = Mutex<[String]>([])
    let caller = CallerLines(log: Log(level: .info) { line in lines.withLock { $0.append(line) } }) {
      MonotonicTime(nanoseconds: 1)
    }
    let identity = VerifiedIdentity(
      method: .oidc, provider: "i", subject: "s", kubernetes: nil, federations: [], expiresAtSeconds: .max)
    for _ in 0..<100 {
      caller.callLimited("requests-per-identity", .notAuthorized, identity, peer: "p")
      caller.secretDenied(SecretReference(store: "s", key: "k"), to: identity, peer: "p")
      caller.generatorDenied("generate", "g", to: identity, peer: "p")
      caller.generateFailed("g", .notAuthorized, for: identity, peer: "p")
    }
    for (event, count) in [
      ("call_limited", 10), ("secret_denied", 20), ("generator_denied", 20), ("generate_failed", 20),
    ] {
      #expect(lines.withLock { $0.filter { $0.contains("\"event\":\"\(event)\"") }.count } == count)
    }
  }
}
