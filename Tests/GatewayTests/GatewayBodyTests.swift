import FederationAPI
import Foundation
import Testing

@testable import Gateway

@Suite struct GatewayBodyTests {
  static let path = FederationGatewayTests.path
  static let pem = Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)

  @Test("ca.crt is decoded and handed on, whatever stands beside it and however its lines are broken")
  func certificates() async {
    let plain = Data(Self.pem).base64EncodedString()
    let broken = plain.enumerated().map { $0.offset % 5 == 4 ? "\($0.element)\\r\\n" : "\($0.element)" }.joined()
    let escaped = plain.unicodeScalars.map { "\\u00" + String($0.value, radix: 16) }.joined()
    for text in [plain, broken, escaped] {
      let driver = GatewayDriver()
      let answer = await driver.ask("POST", Self.path, body: " {\"owner\": [1], \"ca.crt\" : \"\(text)\"}\n")
      #expect(answer.status == 200)
      #expect(driver.service.calls == [.getSecret(store: "S", name: "K", Self.pem)])
    }
  }

  @Test("a route that is not known gets the ca.crt to authenticate with too")
  func certificatesForUnknownRoutes() async {
    let driver = GatewayDriver()
    _ = await driver.ask("POST", "/nowhere", body: "{\"ca.crt\":\"\(Data(Self.pem).base64EncodedString())\"}")
    #expect(driver.service.calls == [.verify(Self.pem)])
  }

  @Test("the same body gives the same bundle again, and another body its own")
  func remembered() {
    let reader = CACertificatesReader()
    for round in 0..<600 {
      let pem = Array("pem \(round % 300)".utf8)
      let body = Array("{\"ca.crt\":\"\(Data(pem).base64EncodedString())\"}".utf8)
      #expect(reader.read(body) == .success(pem))
      #expect(reader.read(body) == .success(pem))
    }
  }

  @Test(
    "a body without ca.crt is no bundle",
    arguments: ["{}", "{ }", "{\"other\":1}", "{\"CA.CRT\":\"AAAA\"}", "{\"ca.crt\":\"\"}"])
  func withoutCertificates(body: String) async {
    let driver = GatewayDriver()
    #expect(await driver.ask("POST", Self.path, body: body).status == 200)
    #expect(driver.service.calls == [.getSecret(store: "S", name: "K", [])])
  }

  @Test(
    "a body that is not what authentication needs is 401, and nobody is asked",
    arguments: [
      "nonsense", "[]", "null", "\"{}\"", "1", " ", "{", "{}{}", "{\"ca.crt\":1}", "{\"ca.crt\":null}",
      "{\"ca.crt\":[\"AAAA\"]}", "{\"ca.crt\":\"AAA\"}", "{\"ca.crt\":\"AAAA=\"}", "{\"ca.crt\":\"A===\"}",
      "{\"ca.crt\":\"====\"}", "{\"ca.crt\":\"AA==AAAA\"}", "{\"ca.crt\":\"AA A\"}", "{\"ca.crt\":\"__--\"}",
      "{\"ca.crt\":\"AAAA\",\"ca.crt\":\"BBBB\"}",
    ])
  func unusableBody(body: String) async {
    for path in [Self.path, "/nowhere"] {
      let driver = GatewayDriver()
      let answer = await driver.ask("POST", path, body: body)
      #expect(answer.status == 401)
      #expect(answer.body == "\"Unauthorized\"\n")
      #expect(driver.service.calls.isEmpty)
    }
  }

  @Test("D12: a request without a body is one without ca.crt, DELETE included", arguments: ["POST", "DELETE"])
  func emptyBody(method: String) async {
    let driver = GatewayDriver()
    let answer = await driver.ask(method, "/generators/ns/Password/p", body: "")
    #expect(answer.status == 200)
    let generator = GeneratorReference(namespace: "ns", kind: "Password", name: "p")
    let expected: FakeFederationService.Call =
      method == "POST"
      ? .generate(GenerateRequest(generator: generator)) : .revokeSelf(RevokeSelfRequest(generator: generator))
    #expect(driver.service.calls == [expected])
    let secret = GatewayDriver()
    #expect(await secret.ask("POST", Self.path, body: "").status == 200)
  }

  @Test("D23: a bundle over 64 KiB is 413, one of exactly 64 KiB is handed on")
  func tooLarge() async {
    let largest = [UInt8](repeating: 0x41, count: 65_536)
    let driver = GatewayDriver()
    let taken = await driver.ask(
      "POST", Self.path, body: "{\"ca.crt\":\"\(Data(largest).base64EncodedString())\"}")
    #expect(taken.status == 200)
    #expect(driver.service.calls == [.getSecret(store: "S", name: "K", largest)])
    let refused = await driver.ask(
      "POST", Self.path, body: "{\"ca.crt\":\"\(Data(largest + [0x41]).base64EncodedString())\"}")
    #expect(refused.status == 413)
    #expect(refused.body == "\"request too large: ca.crt may hold 65536 bytes\"\n")
    #expect(driver.service.calls.count == 1)
  }
}
