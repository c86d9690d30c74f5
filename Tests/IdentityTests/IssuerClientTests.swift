import HTTPClient
import JSON
import TestSupport
import Testing

@testable import Identity

@Suite struct IssuerClientTests {
  private let issuers = FakeIssuers()
  private let url = "https://cluster-a.test:6443"
  private var client: IssuerClient { IssuerClient(client: issuers, timeoutSeconds: 10) }

  @Test("D14: asks the federation's own host and port, whatever host jwks_uri names, and keeps its query")
  func originOnly() async throws {
    let key = try TestSigningKey()
    issuers.serve(url, keys: [key], jwksURI: "https://172.16.0.1:443/openid/v1/jwks?v=2#x")
    issuers.answer(url + "/openid/v1/jwks?v=2") { _ in
      .success(HTTPResponse(status: 200, body: TestSigningKey.keySet([key]).encoded()))
    }
    guard case .keys(let keys) = await client.fetchKeys(.cluster(url: url), caCertificates: nil, credential: nil) else {
      Issue.record("no keys")
      return
    }
    #expect(keys["key-1"].count == 1)
    #expect(
      issuers.requests.map(\.url) == [url + "/.well-known/openid-configuration", url + "/openid/v1/jwks?v=2"])
  }

  @Test("D16: limits size and time, follows nothing and allows TLS only")
  func limits() async throws {
    issuers.serve(url, keys: [])
    _ = await client.fetchKeys(.cluster(url: url), caCertificates: nil, credential: nil)
    #expect(issuers.requests.count == 2)
    for request in issuers.requests {
      #expect(request.timeoutSeconds == 10)
      #expect(request.maximumBodyBytes == 1 << 20)
      #expect(!request.allowsPlaintext)
    }
  }

  @Test("D16: takes status 200 only", arguments: [201, 204, 301, 302, 307, 404, 500, 503])
  func status(code: Int) async throws {
    let key = try TestSigningKey()
    for path in ["/.well-known/openid-configuration", "/openid/v1/jwks"] {
      issuers.serve(url, keys: [key])
      let body = path.hasSuffix("jwks") ? TestSigningKey.keySet([key]).encoded() : Array("{}".utf8)
      issuers.answer(url + path) { _ in .success(HTTPResponse(status: code, body: body)) }
      guard case .failed(let reason) = await client.fetchKeys(.cluster(url: url), caCertificates: nil, credential: nil)
      else {
        Issue.record("\(path) \(code)")
        continue
      }
      #expect(reason.hasSuffix("was answered \(code)"))
    }
  }

  @Test("says which server failed, why, and what to set, and no path of it")
  func failure() async throws {
    issuers.answer(url + "/.well-known/openid-configuration") { _ in
      .failure(HTTPClientError(.tls, "https://cluster-a.test:6443: unable to get local issuer certificate"))
    }
    guard case .failed(let reason) = await client.fetchKeys(.cluster(url: url), caCertificates: nil, credential: nil)
    else { return #expect(Bool(false), "no failure") }
    #expect(reason.contains("tls: https://cluster-a.test:6443: unable to get local issuer certificate"))
    #expect(reason.contains("caBundle") && !reason.contains("well-known"))
    issuers.answer(url + "/.well-known/openid-configuration") { _ in
      .success(HTTPResponse(status: 503, body: []))
    }
    guard case .failed(let status) = await client.fetchKeys(.cluster(url: url), caCertificates: nil, credential: nil)
    else { return #expect(Bool(false), "no failure") }
    #expect(status == "the discovery request to https://cluster-a.test:6443 was answered 503")
  }

  @Test(
    "refuses discovery without a usable jwks_uri",
    arguments: [
      "{}", "[]", "no JSON", #"{"jwks_uri":1}"#, #"{"jwks_uri":""}"#, #"{"jwks_uri":"/relative"}"#,
      #"{"jwks_uri":"https://host"}"#, #"{"jwks_uri":"https://host?x=/y"}"#, #"{"jwks_uri":"https://host/a b"}"#,
      #"{"jwks_uri":"https://host/a\r\nb"}"#,
    ])
  func discovery(body: String) async {
    issuers.answer(url + "/.well-known/openid-configuration") { _ in
      .success(HTTPResponse(status: 200, body: Array(body.utf8)))
    }
    guard case .failed = await client.fetchKeys(.cluster(url: url), caCertificates: nil, credential: nil) else {
      Issue.record("accepted")
      return
    }
    #expect(issuers.requests.count == 1)
  }

  @Test("D6: asks without the token first, with it only after 401 or 403", arguments: [401, 403])
  func credential(status: Int) async throws {
    issuers.serve(url, keys: [try TestSigningKey()])
    issuers.demand({ $0 == "Bearer t" }, at: url, status: status)
    guard case .credentialRefused = await client.fetchKeys(.cluster(url: url), caCertificates: nil, credential: nil)
    else {
      Issue.record("answered without a token")
      return
    }
    guard case .keys = await client.fetchKeys(.cluster(url: url), caCertificates: nil, credential: "t") else {
      Issue.record("no keys")
      return
    }
    #expect(issuers.requests.dropFirst().map(\.authorization) == [nil, "Bearer t", nil, "Bearer t"])
    guard case .credentialRefused = await client.fetchKeys(.cluster(url: url), caCertificates: nil, credential: "u")
    else {
      Issue.record("answered another token")
      return
    }
  }
}

@Suite struct IssuerURLTests {
  @Test(
    "keeps a path in front of discovery and cuts slashes",
    arguments: [
      ("https://h", "https://h/.well-known/openid-configuration"),
      ("https://h:6443/", "https://h:6443/.well-known/openid-configuration"),
      ("HTTPS://h/k8s/clusters/c-1//", "https://h/k8s/clusters/c-1/.well-known/openid-configuration"),
      ("https://[::1]:6443", "https://[::1]:6443/.well-known/openid-configuration"),
    ])
  func discovery(url: String, expected: String) {
    #expect(IssuerURL(url)?.discovery == expected)
  }

  @Test(
    "refuses what is not a plain https URL",
    arguments: [
      "", "http://h", "https://", "https:///p", "https://u:p@h", "https://h?q", "https://h/#f", "https://h/a b",
      "ftp://h",
      "https://h\\@e", "h:6443", "https://h\u{0}", "https://hé",
    ])
  func refused(url: String) {
    #expect(IssuerURL(url) == nil)
  }

  @Test("puts only path and query of jwks_uri on its own origin")
  func keySet() {
    let url = IssuerURL("https://h:1/base")
    #expect(url?.keySet(from: "https://evil.test/keys?x=1") == "https://h:1/keys?x=1")
    #expect(url?.keySet(from: "http://evil.test/keys") == "https://h:1/keys")
    #expect(url?.keySet(from: "https://u@evil.test:9/@evil.test/k") == "https://h:1/@evil.test/k")
    #expect(url?.keySet(from: "https://evil.test//other.test/k") == "https://h:1//other.test/k")
    #expect(url?.keySet(from: "/keys") == nil)
    #expect(url?.keySet(from: "keys") == nil)
  }
}
