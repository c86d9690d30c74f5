import FederationAPI
import HTTP1
import Testing

@testable import Gateway

@Suite struct FederationGatewayTests {
  static let path = "/secretstore/S/secrets/K"

  @Test("a secret is a bare JSON string and one newline, as application/json exactly")
  func success() async {
    let answer = await GatewayDriver().ask("POST", Self.path)
    #expect(answer.status == 200)
    #expect(answer.body == "\"s3cret\"\n")
    #expect(answer.contentType == "application/json")
  }

  @Test("an answer that has to be waited for is the same")
  func pendingSuccess() async {
    let answer = await GatewayDriver(FakeFederationService(isPending: true)).ask("POST", Self.path)
    #expect(answer.status == 200)
    #expect(answer.body == "\"s3cret\"\n")
  }

  @Test(
    "every code of the service has its status and its text as a bare JSON string",
    arguments: [
      (RPCError.unauthenticated, 401), (.notAuthorized, 404), (RPCError(.invalidArgument, "bad <key>"), 400),
      (RPCError(.notFound, "no secret \"K\" in store \"S\""), 400), (RPCError(.failedPrecondition, "no store"), 400),
      (RPCError(.unavailable, "later"), 503), (RPCError(.resourceExhausted, "too many calls"), 503),
      (RPCError(.resourceExhausted, "too many calls", retryAfterSeconds: 0.1), 429),
      (RPCError(.resourceExhausted, "request too large: 1"), 413), (RPCError(.deadlineExceeded, "late"), 504),
      (RPCError(.internal, "bug"), 500), (RPCError(.unimplemented, "not yet"), 501), (RPCError(.unknown, "?"), 500),
      (RPCError(.dataLoss, "damaged"), 500), (RPCError(.cancelled, "gone"), 499), (RPCError(.aborted, "again"), 409),
    ])
  func failures(error: RPCError, status: Int) async {
    let driver = GatewayDriver(FakeFederationService(secret: .failure(error)))
    let answer = await driver.ask("POST", Self.path)
    #expect(answer.status == status)
    #expect(answer.body == String(decoding: JSONStringLiteral.encode(error.message), as: UTF8.self))
    #expect(answer.contentType == "application/json")
  }

  @Test("the texts that clients know: Unauthorized and Not Found")
  func documentedTexts() async {
    #expect(await GatewayDriver(.refusing).ask("POST", Self.path).body == "\"Unauthorized\"\n")
    let denied = GatewayDriver(FakeFederationService(secret: .failure(.notAuthorized)))
    #expect(await denied.ask("POST", Self.path).body == "\"Not Found\"\n")
  }

  static let routes: [(method: String, target: String, status: Int, body: String, allow: String?)] = [
    ("GET", "/", 404, "{\"message\":\"Not Found\"}\n", nil),
    ("POST", "/secretstore/S/secrets/K/", 404, "{\"message\":\"Not Found\"}\n", nil),
    ("POST", "/secretstore/S/secrets/", 404, "{\"message\":\"Not Found\"}\n", nil),
    ("POST", "/secretstore//secrets/K", 404, "{\"message\":\"Not Found\"}\n", nil),
    ("POST", "//secretstore/S/secrets/K", 404, "{\"message\":\"Not Found\"}\n", nil),
    ("POST", "/SecretStore/S/secrets/K", 404, "{\"message\":\"Not Found\"}\n", nil),
    ("POST", "/secretstore/S/./secrets/K", 404, "{\"message\":\"Not Found\"}\n", nil),
    ("POST", "/secretstore/S%2Fsecrets/K", 404, "{\"message\":\"Not Found\"}\n", nil),
    ("OPTIONS", "*", 404, "{\"message\":\"Not Found\"}\n", nil),
    ("CONNECT", "a:443", 404, "{\"message\":\"Not Found\"}\n", nil),
    ("GET", path, 405, "{\"message\":\"Method Not Allowed\"}\n", "POST"),
    ("HEAD", path, 405, "{\"message\":\"Method Not Allowed\"}\n", "POST"),
    ("OPTIONS", path, 405, "{\"message\":\"Method Not Allowed\"}\n", "POST"),
    ("post", path, 405, "{\"message\":\"Method Not Allowed\"}\n", "POST"),
    ("PUT", "/generators/ns/Password/p", 405, "{\"message\":\"Method Not Allowed\"}\n", "DELETE, POST"),
    ("GET", "/generators/ns/revoke", 405, "{\"message\":\"Method Not Allowed\"}\n", "POST"),
    ("POST", "/generators/ns/other", 404, "{\"message\":\"Not Found\"}\n", nil),
  ]

  @Test("other routes and methods are told after authentication", arguments: routes.indices)
  func otherRoutes(index: Int) async {
    let route = Self.routes[index]
    let driver = GatewayDriver()
    let answer = await driver.ask(route.method, route.target)
    #expect(answer.status == route.status)
    #expect(answer.body == route.body)
    #expect(answer.allow == route.allow)
    #expect(answer.contentType == "application/json")
    #expect(driver.service.calls == [.verify([])])
  }

  @Test("without authentication every route answers 401 and nothing else", arguments: routes.indices)
  func unauthenticatedRoutes(index: Int) async {
    let route = Self.routes[index]
    let answer = await GatewayDriver(.refusing).ask(route.method, route.target)
    #expect(answer.status == 401)
    #expect(answer.body == "\"Unauthorized\"\n")
    #expect(answer.allow == nil)
  }

  @Test(
    "path parts are split first and decoded once",
    arguments: [
      ("/secretstore/S/secrets/a%2Fb", "S", "a/b"), ("/secretstore/S/secrets/a%252Fb", "S", "a%2Fb"),
      ("/secretstore/my%20store/secrets/K", "my store", "K"), ("/secretstore/S/secrets/%C3%A9", "S", "é"),
      ("/secretstore/S/secrets/..", "S", ".."), ("/secretstore/S/secrets/%2e%2E", "S", ".."),
      ("/secretstore/S/secrets/a+b?pretty=%zz", "S", "a+b"), ("/secretstore/S/secrets/a:b@c;d=e", "S", "a:b@c;d=e"),
    ])
  func decoding(target: String, store: String, name: String) async {
    let driver = GatewayDriver()
    let answer = await driver.ask("POST", target)
    #expect(answer.status == 200)
    #expect(driver.service.calls == [.getSecret(store: store, name: name, [])])
  }

  @Test(
    "a path that cannot be decoded is 400 before anybody is asked",
    arguments: ["%", "%4", "%zz", "%+1", "%00", "a%00b", "%C3", "%ED%A0%80", "%FF"])
  func undecodable(part: String) async {
    let driver = GatewayDriver(.refusing)
    let answer = await driver.ask("POST", "/secretstore/S/secrets/\(part)")
    #expect(answer.status == 400)
    #expect(answer.body.hasPrefix("\"bad request: "))
    #expect(driver.service.calls.isEmpty)
  }

  @Test("credentials reach the service as they came, and no connection is bound")
  func context() async throws {
    let driver = GatewayDriver()
    _ = await driver.ask(
      "POST", Self.path, fields: [("authorization", "bearer  odd"), ("x-workload-token", "w.w.w")])
    let context = try #require(driver.service.contexts.first)
    #expect(context.authorization == "bearer  odd")
    #expect(context.workloadToken == "w.w.w")
    #expect(context.peer == "127.0.0.1:1")
    #expect(context.binding == nil)
  }

  @Test("two credentials of one kind are 400", arguments: ["authorization", "x-workload-token"])
  func twoCredentials(name: String) async {
    let driver = GatewayDriver()
    let answer = await driver.ask("POST", Self.path, fields: [(name, "a"), (name, "a")])
    #expect(answer.status == 400)
    #expect(driver.service.calls.isEmpty)
  }

  @Test("what the connection refuses has the same form")
  func refusals() {
    let answer = GatewayDriver.answer(
      GatewayDriver().gateway.answer(to: HTTPRefusal(status: 431, message: "headers too large"), peer: "p"))
    #expect(answer.status == 431)
    #expect(answer.body == "\"headers too large\"\n")
    #expect(answer.contentType == "application/json")
    #expect(answer.cacheControl == "no-store")
  }

  @Test("a body is asked for unless the head alone is wrong")
  func beforeBody() {
    let gateway = GatewayDriver().gateway
    let good = HTTPRequestHead(method: "POST", target: Self.path)
    let bad = HTTPRequestHead(method: "POST", target: "/secretstore/S/secrets/%zz")
    #expect(gateway.answerBeforeBody(of: good, peer: "p") == nil)
    #expect(gateway.answerBeforeBody(of: bad, peer: "p")?.status == 400)
  }
}
