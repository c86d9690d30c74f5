import FederationAPI
import HTTP1
import Testing

/// Defects of the documented server (docs/SECURITY.md) that a gateway could have.
@Suite struct GatewayDefectTests {
  static let path = FederationGatewayTests.path

  @Test(
    "D26: a value that is not UTF-8 is 400, never a damaged secret",
    arguments: [[0xFF], [0xC3], [0x61, 0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0x80]] as [[UInt8]])
  func binaryValue(bytes: [UInt8]) async {
    let driver = GatewayDriver(FakeFederationService(secret: .success(SecretBytes(bytes))))
    let answer = await driver.ask("POST", Self.path)
    #expect(answer.status == 400)
    #expect(answer.body == "\"secret value is not UTF-8 text; fetch it over RPC\"\n")
  }

  @Test("D28: every answer forbids caches to keep it")
  func noStore() async {
    let driver = GatewayDriver()
    let refusing = GatewayDriver(.refusing)
    let answers = [
      await driver.ask("POST", Self.path), await driver.ask("GET", Self.path), await driver.ask("GET", "/"),
      await driver.ask("POST", "/secretstore/S/secrets/%zz"), await driver.ask("POST", Self.path, body: "["),
      await refusing.ask("POST", Self.path), await driver.ask("POST", "/generators/a/b/c"),
      await driver.ask("DELETE", "/generators/a/b/c"),
    ]
    #expect(answers.map(\.status) == [200, 405, 404, 400, 401, 401, 200, 200])
    for answer in answers { #expect(answer.cacheControl == "no-store") }
  }

  @Test("D22: a failure's answer carries an id that its log line has too, and neither holds a credential")
  func requestID() async throws {
    let driver = GatewayDriver(.refusing)
    let answer = await driver.ask(
      "POST", Self.path, fields: [("authorization", "Bearer very.secret.token"), ("x-workload-token", "other.secret")],
      body: Array("{\"ca.crt\":\"QUJD\"}".utf8))
    let id = try #require(answer.requestID)
    #expect(id.count == 16)
    #expect(driver.log.count == 1)
    let line = try #require(driver.log.first)
    #expect(line.contains("\"request_id\":\"\(id)\""))
    #expect(line.contains("\"status\":\"401\""))
    for text in [line, answer.body] {
      for credential in ["very.secret", "other.secret", "QUJD", "ABC"] { #expect(!text.contains(credential)) }
    }
    let other = await driver.ask("POST", Self.path)
    #expect(other.requestID != id)
  }

  @Test("a body that earns 401 has its reason in the log, and none of its text")
  func badBodyReason() async {
    let driver = GatewayDriver()
    #expect(await driver.ask("POST", Self.path, body: "{\"ca.crt\":\"%hunter2%\"}").body == "\"Unauthorized\"\n")
    let line = driver.log.first ?? ""
    #expect(line.contains(#""reason":"the body is not {\"ca.crt\":\"<base64 of PEM>\"}""#))
    #expect(!line.contains("hunter2"))
  }

  @Test("a flood of bad requests is no flood of log lines")
  func boundedLog() async {
    let driver = GatewayDriver(.refusing)
    let gateway = driver.gateway
    let refusal = HTTPRefusal(status: 400, message: "bad request: x")
    for _ in 0..<1_000 { _ = gateway.answer(to: refusal, peer: "p") }
    // A hundred a second, and these may fall into two or three of them.
    #expect((100...300).contains(driver.log.count))
  }

  @Test("a secret that is handed out is in no log line")
  func secretNotLogged() async {
    let driver = GatewayDriver()
    #expect(await driver.ask("POST", Self.path).status == 200)
    #expect(!driver.log.joined().contains("s3cret"))
  }
}
