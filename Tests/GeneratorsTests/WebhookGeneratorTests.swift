import FederationAPI
import Foundation
import HTTP1
import HTTPClient
import Logging
import Synchronization
import TestSupport
import Testing

@testable import Generators

@Suite struct WebhookGeneratorTests {
  /// A webhook's server, which remembers what it was asked.
  private final class Hook: Sendable {
    let server: HTTPSServer
    let requests: Requests

    final class Requests: Sendable {
      let list = Mutex<[HTTPServerRequest]>([])
    }

    init(status: Int = 200, _ body: String = "{\"a\":\"b\"}") throws {
      let requests = Requests()
      self.requests = requests
      server = try HTTPSServer { request in
        requests.list.withLock { $0.append(request) }
        return HTTPServerResponse(status: status, body: .plain(Array(body.utf8)))
      }
    }

    var last: HTTPServerRequest? { requests.list.withLock { $0.last } }

    func values(_ spec: String, secret: String = "{}") async throws -> [String: String] {
      try await bench(spec, secret: secret).values(client: try HTTPClient(log: Log(level: .error)))
    }

    func bench(_ spec: String, secret: String = "{}") throws -> GeneratorBench {
      let bundle = Data(try #require(server.authority).certificatePEM).base64EncodedString()
      return try GeneratorBench(
        "Webhook", spec.replacingOccurrences(of: "URL", with: server.url) + "\ncaBundle: \(bundle)", secret: secret)
    }
  }

  private func error(_ body: () async throws -> Void) async -> RPCError? {
    do {
      try await body()
      return nil
    } catch {
      return error as? RPCError
    }
  }

  @Test("an object's members are given: strings as they are, others as they are written")
  func object() async throws {
    let hook = try Hook(
      "{\"s\":\"q\\\"\\u00e9\\n\",\"i\":12345678901234567890,\"f\":1.50,\"t\":true,\"n\":null,\"o\": {\"x\": [1, 2]} ,\"e\":\"\"}"
    )
    #expect(
      try await hook.values("url: URL/a") == [
        "s": "q\"é\n", "i": "12345678901234567890", "f": "1.50", "t": "true", "n": "null", "o": "{\"x\": [1, 2]}",
        "e": "",
      ])
    #expect(hook.last?.head.method == "GET")
    #expect(hook.last?.body.isEmpty == true)
  }

  @Test(
    "the path leads to what counts; what is no object is the key `result`",
    arguments: [
      ("$.a.b", "{\"a\":{\"b\":{\"c\":\"d\"}}}", ["c": "d"]),
      ("$.a[1]", "{\"x\":[[]],\"a\":[0, \"one\"]}", ["result": "one"]),
      ("$['a b']", "{\"a b\": 7 }", ["result": "7"]), ("$", "[1,2]", ["result": "[1,2]"]),
      ("$", "\"x\"", ["result": "x"]),
      ("$", "{}", [:]), ("$[0][1]", "[ [3 , 4] ]", ["result": "4"]), ("$.a", "{\"\\u0061\":1}", ["result": "1"]),
    ] as [(String, String, [String: String])])
  func paths(_ path: String, _ body: String, _ expected: [String: String]) async throws {
    let hook = try Hook(body)
    #expect(try await hook.values("url: URL\nresult: {jsonPath: \"\(path)\"}") == expected)
  }

  @Test(
    "an answer without what counts is FAILED_PRECONDITION, and shows nothing of itself",
    arguments: [
      ("$.b", "{\"a\":\"hunter2\"}"), ("$.a", "[\"hunter2\"]"), ("$[1]", "[\"hunter2\"]"),
      ("$.a.b", "{\"a\":\"hunter2\"}"),
      ("$", "hunter2"), ("$", ""), ("$", "{\"a\":\"hunter2\"} x"), ("$", "{\"a\":1,\"a\":\"hunter2\"}"),
      ("$", "{\"hunter2 \":1}"), ("$", "{\"\":\"hunter2\"}"), ("$.a", "{\"a\":\"hunter2\",\"b\":}"),
      ("$", "{\"a\":" + String(repeating: "[", count: 100) + "}"),
      ("$", "{" + (0..<1_001).map { "\"k\($0)\":0" }.joined(separator: ",") + "}"),
    ])
  func badAnswers(_ path: String, _ body: String) async throws {
    let hook = try Hook(body)
    let bench = try hook.bench("url: URL\nresult: {jsonPath: \"\(path)\"}")
    let error = await error { _ = try await bench.values(client: try HTTPClient(log: Log(level: .error))) }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.contains("hunter2") == false)
    #expect(!bench.log.contains("hunter2"))
  }

  @Test("an answer past its limit is refused, one of a hundred thousand elements is not")
  func large() async throws {
    let fits = try Hook("{\"a\":[" + String(repeating: "1,", count: 100_000) + "\"last\"]}")
    #expect(try await fits.values("url: URL\nresult: {jsonPath: \"$.a[100000]\"}") == ["result": "last"])
    let tooLarge = try Hook("[" + String(repeating: "1,", count: 200_000) + "1]")
    let error = await error { _ = try await tooLarge.values("url: URL") }
    #expect(error == RPCError(.failedPrecondition, "the webhook's answer is too large"))
  }

  @Test("templates are put into URL, header and body, each with what it needs")
  func templates() async throws {
    let hook = try Hook()
    _ = try await hook.values(
      """
      method: POST
      url: URL/p/{{ .k.odd }}?q={{ .k.odd | urlquery }}&b={{ .k.odd | b64enc }}
      headers: {Authorization: "Bearer {{ .k.token }}", X-Json: "{{ .k.odd | toJson }}"}
      body: '{"v":{{ .k.odd | toJson }},"raw":"{{ .k.token }}"}'
      secrets: [{name: k, secretRef: {name: keys}}]
      """, secret: "{odd: \"a/b?c&d=\\\"é\\\" \", token: t0ken}")
    let request = try #require(hook.last)
    let encoded = "a%2Fb%3Fc%26d%3D%22%C3%A9%22%20"
    #expect(request.head.path == "/p/\(encoded)")
    #expect(request.head.target.hasSuffix("?q=\(encoded)&b=YS9iP2MmZD0iw6kiIA%3D%3D"))
    #expect(request.head.method == "POST")
    #expect(request.head.fields["authorization"] == "Bearer t0ken")
    #expect(request.head.fields["content-type"] == nil)
    #expect(String(decoding: request.body, as: UTF8.self) == "{\"v\":\"a/b?c\\u0026d=\\\"é\\\" \",\"raw\":\"t0ken\"}")
  }

  @Test("a URL that is one value is taken as it stands")
  func wholeURL() async throws {
    let hook = try Hook()
    let bench = try hook.bench(
      "url: '{{ .k.url }}'\nsecrets: [{name: k, secretRef: {name: keys, key: url}}]",
      secret: "{url: \"\(hook.server.url)/a%20b?c=d\"}")
    #expect(try await bench.values(client: try HTTPClient(log: Log(level: .error))) == ["a": "b"])
    #expect(hook.last?.head.target == "/a%20b?c=d")
  }

  @Test(
    "a value that cannot stand where the template puts it is FAILED_PRECONDITION, and is not shown",
    arguments: [
      ("url: '{{ .k.v }}'", "http://hunter2.example.org"), ("url: '{{ .k.v }}'", "https://u:hunter2@a"),
      ("url: '{{ .k.v }}'", "file:///hunter2"), ("url: '{{ .k.v }}'", "https://hunter2\\n"),
      ("url: https://a\nheaders: {A: '{{ .k.v }}'}", "hunter2\\r\\nX-Evil: 1"),
      ("url: https://a\nheaders: {A: '{{ .k.v }}'}", "hunter2\\n"), ("url: https://a\nbody: '{{ .k.w }}'", "hunter2"),
      ("url: https://a/{{ .k.v }}", String(repeating: "hunter2", count: 2_000)),
    ])
  func badValues(_ spec: String, _ value: String) async throws {
    let bench = try GeneratorBench(
      "Webhook", spec + "\nsecrets: [{name: k, secretRef: {name: keys}}]", secret: "{v: \"\(value)\"}")
    let error = await error { _ = try await bench.values() }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.contains("hunter2") == false)
    #expect(!bench.log.contains("hunter2"))
  }

  @Test("what is no text cannot be written as JSON")
  func binary() async throws {
    let bench = try GeneratorBench(
      """
      {apiVersion: generators.external-secrets.io/v1alpha1, kind: Webhook, metadata: {name: example}, spec: {
        url: "https://a", body: "{{ .k.v | toJson }}", secrets: [{name: k, secretRef: {name: keys}}]}}
      ---
      {apiVersion: v1, kind: Secret, metadata: {name: keys}, data: {v: /w==}}
      """)
    let error = await error { _ = try await bench.values() }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.contains("use `b64enc`") == true)
  }

  @Test(
    "a status that is no success shows itself only",
    arguments: [
      (199 + 101, StatusCode.failedPrecondition), (404, .failedPrecondition), (401, .failedPrecondition),
      (429, .unavailable), (500, .unavailable), (503, .unavailable),
    ])
  func statuses(_ status: Int, _ code: StatusCode) async throws {
    let hook = try Hook(status: status, "hunter2")
    let bench = try hook.bench("url: URL")
    let error = await error { _ = try await bench.values(client: try HTTPClient(log: Log(level: .error))) }
    #expect(error == RPCError(code, "the webhook answered with status \(status)"))
    #expect(bench.log.contains("default/Webhook/example"))
    #expect(!bench.log.contains("hunter2"))
  }

  @Test("a server that the bundle does not vouch for, and one that is gone, are UNAVAILABLE without its address")
  func unreachable() async throws {
    let hook = try Hook()
    let stranger = Data(try TestCertificateAuthority().certificatePEM).base64EncodedString()
    let client = try HTTPClient(log: Log(level: .error))
    let untrusting = try GeneratorBench("Webhook", "url: \(hook.server.url)\ncaBundle: \(stranger)")
    let untrusted = await error { _ = try await untrusting.values(client: client) }
    #expect(untrusted?.code == .unavailable)
    #expect(hook.last == nil)
    await hook.server.stop()
    let gone = await error { _ = try await hook.values("url: URL") }
    #expect(gone?.code == .unavailable)
    for error in [untrusted, gone] { #expect(error?.message.contains("127.0.0.1") == false) }
    #expect(untrusting.log.contains("webhook_failed"))
  }

  @Test("a server that does not answer in time is DEADLINE_EXCEEDED")
  func timeout() async throws {
    let server = try HTTPSServer { _ in
      try? await Task.sleep(for: .seconds(30))
      return HTTPServerResponse(status: 200)
    }
    let bundle = Data(try #require(server.authority).certificatePEM).base64EncodedString()
    let bench = try GeneratorBench("Webhook", "url: \(server.url)\ntimeout: 200ms\ncaBundle: \(bundle)")
    let error = await error { _ = try await bench.values(client: try HTTPClient(log: Log(level: .error))) }
    #expect(error?.code == .deadlineExceeded)
  }

  @Test("the CA may come from a Secret, and must be one")
  func caProvider() async throws {
    let hook = try Hook()
    let pem = String(decoding: try #require(hook.server.authority).certificatePEM, as: UTF8.self)
    let quoted = pem.replacingOccurrences(of: "\n", with: "\\n")
    let spec = "url: \(hook.server.url)\ncaProvider: {type: Secret, name: keys, key: ca}"
    let client = try HTTPClient(log: Log(level: .error))
    #expect(
      try await GeneratorBench("Webhook", spec, secret: "{ca: \"\(quoted)\"}").values(client: client) == ["a": "b"])
    for secret in ["{ca: hunter2}", "{}"] {
      let bench = try GeneratorBench("Webhook", spec, secret: secret)
      let error = await error { _ = try await bench.values(client: client) }
      #expect(error?.code == .failedPrecondition)
      #expect(error?.message.contains("hunter2") == false)
    }
  }
}
