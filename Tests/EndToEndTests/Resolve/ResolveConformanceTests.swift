import FederationAPI
import Testing

/// One question and the answer that every wire gives to it.
struct ResolveQuestion: Sendable, CustomTestStringConvertible {
  let testDescription: String
  var data = ""
  var dataFrom = ""
  var store = "app"
  var account = "app"
  let expected: GeneratorAnswer

  static func ok(_ body: String) -> GeneratorAnswer { GeneratorAnswer(status: 200, body: body + "\n") }

  static let all: [ResolveQuestion] = [
    .init(testDescription: "nothing", expected: ok("{}")),
    .init(
      testDescription: "data, dataFrom and a generator",
      data: #"[{"secretKey":"one","remoteRef":{"key":"key-1"}}]"#,
      dataFrom: #"[{"extract":{"key":"doc"}},{"sourceRef":{"generatorRef":{"kind":"Fake","name":"fixed"}}}]"#,
      expected: ok(#"{"login":"generated","one":"value 1","port":"5432","user":"a\u003cb\u003e"}"#)),
    .init(
      testDescription: "find and rewrite",
      dataFrom:
        #"[{"find":{"name":{"regexp":"^key-99[0-1]$"}},"rewrite":[{"regexp":{"source":"key-(\\d+)","target":"k$1"}}]}]"#,
      expected: ok(#"{"k990":"value 990","k991":"value 991"}"#)),
    .init(
      testDescription: "find by tags", dataFrom: #"[{"find":{"tags":{"team":"a","env":"prod"}}}]"#, store: "vault",
      expected: ok(#"{"one":"{\"v\":\"one\"}"}"#)),
    .init(
      testDescription: "find by tags and name, of another store",
      dataFrom:
        #"[{"find":{"tags":{"team":"a"},"name":{"regexp":"^t"}},"sourceRef":{"storeRef":{"name":"vault"}}}]"#,
      expected: ok(#"{"two":"{\"v\":\"two\"}"}"#)),
    .init(
      testDescription: "find by tags where there are none", dataFrom: #"[{"find":{"tags":{"team":"a"}}}]"#,
      expected: .failure(400, "dataFrom[0].find.tags: store \"app\" has no tags to find by")),
    .init(
      testDescription: "find by tags without a grant", dataFrom: #"[{"find":{"tags":{"team":"a"}}}]"#, store: "vault",
      account: "stranger", expected: .notFound),
    .init(
      testDescription: "a missing secret", data: #"[{"secretKey":"one","remoteRef":{"key":"gone"}}]"#,
      expected: .failure(400, "data[0]: no secret \"gone\" in store \"app\"")),
    .init(
      testDescription: "an unknown field", data: #"[{"secretKey":"one","remoteRef":{"key":"key-1"},"x":1}]"#,
      expected: .failure(400, "data[0].x: unknown field")),
    .init(
      testDescription: "a store without a grant", data: #"[{"secretKey":"one","remoteRef":{"key":"key"}}]"#,
      store: "other", expected: .notFound),
    .init(
      testDescription: "a generator without a grant",
      dataFrom: #"[{"sourceRef":{"generatorRef":{"kind":"Fake","name":"fixed","namespace":"apps"}}}]"#,
      expected: .notFound),
    .init(
      testDescription: "a caller without a grant", data: #"[{"secretKey":"one","remoteRef":{"key":"key-1"}}]"#,
      account: "stranger", expected: .notFound),
  ]
}

@Suite(.timeLimit(.minutes(2))) struct ResolveConformanceTests {
  @Test("the same ExternalSecret has the same answer on every wire", arguments: ResolveQuestion.all)
  func sameAnswer(_ asked: ResolveQuestion) async throws {
    let world = try await ResolveWorld.shared.value
    let overRPC = try await world.resolveOverRPC(
      data: asked.data, dataFrom: asked.dataFrom, store: asked.store, account: asked.account)
    let overHTTP = try await world.resolveOverHTTP(
      data: asked.data, dataFrom: asked.dataFrom, store: asked.store, account: asked.account)
    #expect(overRPC == [asked.expected, asked.expected])
    #expect(overHTTP == asked.expected)
  }

  @Test("over HTTP a value that is not UTF-8 is refused with its key, and over RPC given")
  func binaryValue() async throws {
    let world = try await ResolveWorld.shared.value
    let data = #"[{"secretKey":"raw","remoteRef":{"key":"bytes","decodingStrategy":"Base64"}}]"#
    #expect(
      try await world.resolveOverHTTP(data: data, dataFrom: "", store: "app", account: "app")
        == .failure(400, "the value of \"raw\" is not UTF-8 text; use RPC"))
    let request = ResolveExternalSecretRequest(
      store: "app", data: Array(data.utf8), caCertificates: world.ca.certificatePEM)
    let values = try await world.client.resolveExternalSecret(request, credentials: world.credentials())
    #expect(values == ["raw": SecretBytes([0xFF])])
  }

  @Test("an unknown member of the body is refused by name, one that is no object as unauthenticated")
  func body() async throws {
    let world = try await ResolveWorld.shared.value
    // The keys are here already, so no CA bundle is wanted.
    #expect(try await world.post("app", "{\"dataform\":[]}") == .failure(400, "dataform: unknown field"))
    #expect(try await world.post("app", "[]") == .unauthenticated)
    #expect(try await world.post("app", "") == ResolveQuestion.ok("{}"))
  }
}

@Suite(.timeLimit(.minutes(2))) struct BatchEndToEndTests {
  @Test("a thousand secrets in one call, in order, with what is missing and what is denied in its place")
  func thousand() async throws {
    let world = try await ResolveWorld.shared.value
    let secrets = (0..<1_000).map { index -> SecretReference in
      switch index % 10 {
      case 3: SecretReference(store: "app", key: "gone-\(index)")
      case 7: SecretReference(store: "other", key: "key")
      case 8: SecretReference(store: "app", key: "doc", property: "port")
      default: SecretReference(store: "app", key: "key-\(index)")
      }
    }
    let results = try await world.batch(secrets, world.credentials()).get()
    let expected = (0..<1_000).map { index -> Result<SecretBytes, RPCError> in
      switch index % 10 {
      case 3: .failure(RPCError(.notFound, "no secret \"gone-\(index)\" in store \"app\""))
      case 7: .failure(.notAuthorized)
      case 8: .success(SecretBytes("5432"))
      default: .success(SecretBytes("value \(index)"))
      }
    }
    #expect(results == expected)
  }

  @Test("a batch is bounded in number, and nothing for a stranger")
  func refused() async throws {
    let world = try await ResolveWorld.shared.value
    let one = SecretReference(store: "app", key: "key-1")
    #expect(await world.batch([one], .init(token: "x")) == .failure(.unauthenticated))
    guard
      case .failure(let error) = await world.batch(
        [SecretReference](repeating: one, count: 1_001), try world.credentials())
    else { return #expect(Bool(false), "answered") }
    #expect(error.code == .invalidArgument)
    let nobody = try await world.batch([one, one], world.credentials("stranger")).get()
    #expect(nobody == [.failure(.notAuthorized), .failure(.notAuthorized)])
  }
}
