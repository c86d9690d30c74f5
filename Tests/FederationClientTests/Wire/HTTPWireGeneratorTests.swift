import FederationAPI
import HTTPClient
import Synchronization
import Testing

@testable import FederationClient

/// The documented requests of generators, and what each answer means for a second try.
@Suite struct HTTPWireGeneratorTests {
  /// Gives one answer, and keeps what it was sent.
  private final class OneAnswer: HTTPSending {
    private let answer: Result<HTTPResponse, HTTPClientError>
    private let sent = Mutex<HTTPRequest?>(nil)

    init(_ answer: Result<HTTPResponse, HTTPClientError>) { self.answer = answer }

    var request: HTTPRequest? { sent.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
      sent.withLock { $0 = request }
      return try answer.get()
    }
  }

  private let generator = GeneratorReference(namespace: "apps", kind: "Post/Gre", name: "my db.v1")
  private var soon: MonotonicTime { MonotonicTime.now.advanced(bySeconds: 5) }
  private let bare = CallCredentials(token: "t")
  private let withCA = CallCredentials(token: "t", caCertificates: Array("PEM\n".utf8))

  private func answer(_ status: Int, _ body: String) -> OneAnswer {
    OneAnswer(.success(HTTPResponse(status: status, body: Array(body.utf8))))
  }

  private func wire(_ client: OneAnswer) throws -> HTTPWire {
    HTTPWire(server: try ServerAddress(parsing: "https://fed:8443/base"), client: client)
  }

  private func failure(_ client: OneAnswer) async throws -> GenerateFailure? {
    let wire = try wire(client)
    do throws(GenerateFailure) {
      _ = try await wire.generate(generator, bare, deadline: soon)
      return nil
    } catch {
      return error
    }
  }

  @Test("a generate is a POST that is sent once, its names encoded")
  func generate() async throws {
    let client = answer(200, "{\"b\":\"\\u003c\\n\",\"a\":\"\"}\n")
    let values = try await wire(client).generate(generator, withCA, deadline: soon)
    #expect(values == ["a": SecretBytes(""), "b": SecretBytes("<\n")])
    let sent = try #require(client.request)
    #expect(sent.method == "POST" && sent.isSentOnce)
    #expect(sent.url == "https://fed:8443/base/generators/apps/Post%2FGre/my%20db.v1")
    #expect(sent.body == Array("{\"ca.crt\":\"UEVNCg==\"}".utf8))
  }

  @Test("a revocation of one's own is a DELETE, with a body only where there is a CA", arguments: [200, 204])
  func revokeSelf(status: Int) async throws {
    for (credentials, body) in [(withCA, "{\"ca.crt\":\"UEVNCg==\"}"), (bare, nil)] as [(CallCredentials, String?)] {
      let client = answer(status, status == 200 ? "null\n" : "")
      try await wire(client).revokeSelf(generator, credentials, deadline: soon)
      let sent = try #require(client.request)
      #expect(sent.method == "DELETE" && !sent.isSentOnce)
      #expect(sent.url == "https://fed:8443/base/generators/apps/Post%2FGre/my%20db.v1")
      #expect(sent.body == body.map { Array($0.utf8) })
      #expect(sent.headers.contains { $0.name == "Content-Type" && $0.value == "application/json" })
    }
  }

  @Test("a revocation of an owner's is a POST that names the owner, and the namespace twice")
  func revokeCredentials() async throws {
    let client = answer(200, "\"GeneratorState deleted\"\n")
    try await wire(client).revokeCredentials(namespace: "a b", owner: "o\"1", withCA, deadline: soon)
    let sent = try #require(client.request)
    #expect(sent.method == "POST" && sent.url == "https://fed:8443/base/generators/a%20b/revoke")
    #expect(
      sent.body.map { String(decoding: $0, as: UTF8.self) }
        == "{\"ca.crt\":\"UEVNCg==\",\"namespace\":\"a b\",\"owner\":\"o\\\"1\"}")
    #expect(sent.headers.contains { $0.name == "Content-Type" && $0.value == "application/json" })
  }

  @Test(
    "an ExternalSecret is resolved by a POST with its lists, sent once where a generator may issue",
    arguments: [true, false])
  func resolve(mayIssue: Bool) async throws {
    let client = answer(200, "{\"user\":\"a\"}\n")
    let request = ResolveExternalSecretRequest(
      store: "a/b", data: Array(#"[{"secretKey":"user"}]"#.utf8), dataFrom: Array(#"[ {} ]"#.utf8))
    let values = try await wire(client).resolve(request, mayIssue: mayIssue, withCA, deadline: soon)
    #expect(values == ["user": SecretBytes("a")])
    let sent = try #require(client.request)
    #expect(sent.method == "POST" && sent.isSentOnce == mayIssue)
    #expect(sent.url == "https://fed:8443/base/secretstore/a%2Fb/externalsecret")
    #expect(
      sent.body.map { String(decoding: $0, as: UTF8.self) }
        == #"{"ca.crt":"UEVNCg==","data":[{"secretKey":"user"}],"dataFrom":[{}]}"#)
  }

  @Test("lists that are no JSON are refused before anything is sent")
  func resolveNoJSON() async throws {
    let client = answer(200, "{}")
    let wire = try wire(client)
    let request = ResolveExternalSecretRequest(store: "s", data: Array("[".utf8))
    await #expect(throws: GenerateFailure(RPCError(.invalidArgument, "data: not valid JSON"), mayHaveIssued: false)) {
      try await wire.resolve(request, mayIssue: false, bare, deadline: soon)
    }
    #expect(client.request == nil)
  }

  @Test(
    "other answers to a revocation are errors", arguments: [(404, RPCError.notAuthorized), (401, .unauthenticated)])
  func refusedRevocation(status: Int, error: RPCError) async throws {
    let client = answer(status, "\"Not Found\"")
    let wire = try wire(client)
    let expected = status == 401 ? RPCError(.unauthenticated, "Not Found") : error
    await #expect(throws: expected) { try await wire.revokeSelf(generator, bare, deadline: soon) }
  }

  @Test(
    "a 200 that is no object of strings is INTERNAL, shows nothing of it, and is not asked for again",
    arguments: [
      "", "\"hunter2\"", "[\"hunter2\"]", "null", "{\"a\":1,\"b\":\"hunter2\"}", "{\"a\":null}",
      "{\"a\":{\"b\":\"c\"}}",
      "{\"a\":\"hunter2\"", "{\"\u{E9}\":\"hunter2\",\"e\u{301}\":\"hunter3\"}",
    ])
  func malformed(body: String) async throws {
    let failure = try #require(try await failure(answer(200, body)))
    #expect(failure.error.code == .internal && failure.mayHaveIssued && !failure.isRepeatable)
    #expect(failure.error.message.contains("https://fed:8443/base"))
    #expect(!failure.told.message.contains("hunter"))
  }

  @Test(
    "only the server's own word, in a JSON string, says that nothing was issued",
    arguments: [
      (503, "\"no ledger\"", true, false), (503, "<html>upstream reset", false, true), (503, "", false, true),
      (502, "\"bad gateway\"", false, true), (504, "\"late\"", false, true), (500, "\"failed\"", false, false),
      (500, "<html>", false, true), (520, "", false, true), (400, "\"bad\"", false, false),
      (404, "\"Not Found\"", false, false), (204, "", false, true), (302, "", false, false),
    ])
  func statuses(status: Int, body: String, isRepeatable: Bool, mayHaveIssued: Bool) async throws {
    let failure = try #require(try await failure(answer(status, body)))
    #expect(failure.isRepeatable == isRepeatable && failure.mayHaveIssued == mayHaveIssued)
    #expect(failure.told.code != .unavailable || isRepeatable)
  }

  @Test(
    "a connection that failed before sending may be tried again, one that failed after may not",
    arguments: [true, false])
  func connection(isSent: Bool) async throws {
    var error = HTTPClientError(.unreachable, "down")
    error.mayBeCarriedOut = isSent
    let failure = try #require(try await failure(OneAnswer(.failure(error))))
    #expect(failure.isRepeatable == !isSent && failure.mayHaveIssued == isSent)
  }
}
