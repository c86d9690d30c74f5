import FederationAPI
import HTTP1
import Logging
import Testing

@testable import Gateway

@Suite struct GatewayFreshnessTests {
  /// Gives an old value unless it is asked for a new one.
  private final class StaleService: FederationService {
    func verify(_ call: CallContext, caCertificates: [UInt8]) -> Reply<VerifiedIdentity> {
      .ready(.failure(.unauthenticated))
    }

    func authenticate(_ request: AuthenticateRequest, _ call: CallContext) -> Reply<VerifiedIdentity> {
      .ready(.failure(.unauthenticated))
    }

    func getSecret(_ request: GetSecretRequest, _ call: CallContext) -> Reply<SecretBytes> {
      #expect(call.freshness?.deadline == MonotonicTime(nanoseconds: 7))
      if call.freshness?.asksBackend == false { call.freshness?.noteStale(seconds: 2.5) }
      return .ready(.success(SecretBytes("v")))
    }
  }

  private func staleness(_ cacheControl: String?) async -> String? {
    var fields = [HTTPFields.Field(name: "authorization", value: "Bearer t")]
    if let cacheControl { fields.append(.init(name: "cache-control", value: cacheControl)) }
    let head = HTTPRequestHead(method: "POST", target: "/secretstore/S/secrets/K", fields: HTTPFields(fields))
    let gateway = FederationGateway(service: StaleService(), log: Log(level: .error))
    let request = HTTPServerRequest(head: head, body: Array("{}".utf8), deadline: MonotonicTime(nanoseconds: 7))
    switch gateway.respond(to: request, peer: "127.0.0.1:1") {
    case .ready(let response): return response["x-federation-stale"]
    case .pending(let work): return await work()["x-federation-stale"]
    }
  }

  @Test("a value past its time is marked", arguments: [nil, "max-age=0", "no-cached", "no-store"])
  func marked(cacheControl: String?) async {
    #expect(await staleness(cacheControl) == "3")
  }

  @Test("Cache-Control: no-cache asks past the cache", arguments: ["no-cache", "max-age=0, No-Cache", " no-cache ,x"])
  func asked(cacheControl: String) async {
    #expect(await staleness(cacheControl) == nil)
  }
}
