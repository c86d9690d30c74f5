import FederationAPI
import Testing

/// `POST /secretstore/{store}/externalsecret`.
@Suite struct GatewayExternalSecretTests {
  private static let path = "/secretstore/vault%2Fa/externalsecret"

  @Test("the body's lists reach the service as JSON, and the values come back as an object of strings")
  func resolve() async {
    for isPending in [false, true] {
      let values = ["b": SecretBytes("x&y"), "A": SecretBytes("")]
      let driver = GatewayDriver(FakeFederationService(generated: .success(values), isPending: isPending))
      let answer = await driver.ask(
        "POST", Self.path, body: #"{"dataFrom": [ {"find": {"path": "a"}} ], "data":null, "ca.crt":"QUJD"}"#)
      #expect(answer.status == 200)
      #expect(answer.body == #"{"A":"","b":"x\u0026y"}"# + "\n")
      #expect(answer.contentType == "application/json" && answer.cacheControl == "no-store")
      let asked = ResolveExternalSecretRequest(
        store: "vault/a", data: Array("null".utf8), dataFrom: Array(#"[{"find":{"path":"a"}}]"#.utf8),
        caCertificates: Array("ABC".utf8))
      #expect(driver.service.calls == [.resolve(asked)])
    }
  }

  @Test("an unknown member is told by name, after authentication and without asking the service")
  func unknownMember() async {
    let driver = GatewayDriver()
    let answer = await driver.ask("POST", Self.path, body: #"{"data":[],"dataFrom ":[]}"#)
    #expect(answer.status == 400 && answer.body == "\"dataFrom : unknown field\"\n")
    #expect(driver.service.calls == [.verify([])])
    let refusing = GatewayDriver(FakeFederationService.refusing)
    #expect(await refusing.ask("POST", Self.path, body: #"{"x":1}"#).status == 401)
  }

  @Test("a value that is not UTF-8 is refused with the first such key")
  func binary() async {
    let values = ["z": SecretBytes([0xFF]), "b": SecretBytes([0xC0]), "a": SecretBytes("fine")]
    let driver = GatewayDriver(FakeFederationService(generated: .success(values)))
    let answer = await driver.ask("POST", Self.path)
    #expect(answer.status == 400)
    #expect(answer.body == "\"the value of \\\"b\\\" is not UTF-8 text; use RPC\"\n")
  }

  @Test("other methods and longer paths are what they always were")
  func otherPaths() async {
    let driver = GatewayDriver()
    let get = await driver.ask("GET", Self.path)
    #expect(get.status == 405 && get.allow == "POST")
    #expect(await driver.ask("POST", "/secretstore/a/externalsecrets").status == 404)
    #expect(await driver.ask("POST", "/secretstore/a/secrets/externalsecret").body == "\"s3cret\"\n")
  }
}
