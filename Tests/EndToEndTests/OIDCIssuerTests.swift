import HTTPClient
import JSON
import Logging
import TestSupport
import Testing

@Suite struct OIDCIssuerTests {
  @Test("publishes discovery and the keys it names over TLS that its authority vouches for")
  func publishes() async throws {
    let ca = try TestCertificateAuthority()
    let key = try TestSigningKey()
    let issuer = try OIDCIssuer.start(
      certificate: ca.issue(), issuer: "https://a", keySet: TestSigningKey.keySet([key]))
    let client = try HTTPClient(log: Log(level: .error))
    func get(_ url: String) async throws -> JSONValue {
      let response = try await client.send(HTTPRequest(url: url, caCertificates: ca.certificatePEM))
      #expect(response.status == 200)
      return try JSONValue.parse(response.body)
    }
    let discovery = try await get(issuer.url + "/.well-known/openid-configuration")
    #expect(discovery["issuer"]?.string == "https://a")
    let keySet = try await get(try #require(discovery["jwks_uri"]?.string))
    #expect(keySet == TestSigningKey.keySet([key]))
    #expect(issuer.requests.map(\.target) == ["/.well-known/openid-configuration", "/openid/v1/jwks"])
    await issuer.stop()
    await #expect(throws: HTTPClientError.self) { try await get(issuer.url + "/openid/v1/jwks") }
  }

  @Test("wants a token where it is told to")
  func wantsToken() async throws {
    let ca = try TestCertificateAuthority()
    let issuer = try OIDCIssuer.start(certificate: ca.issue(), keySet: ["keys": []], requiresToken: true)
    let client = try HTTPClient(log: Log(level: .error))
    var request = HTTPRequest(url: issuer.url + "/openid/v1/jwks", caCertificates: ca.certificatePEM)
    #expect(try await client.send(request).status == 401)
    request.headers = [("Authorization", "Bearer x")]
    #expect(try await client.send(request).status == 200)
    await issuer.stop()
  }
}
