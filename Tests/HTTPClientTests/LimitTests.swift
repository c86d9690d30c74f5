import HTTPClient
import Logging
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct LimitTests {
  let client: HTTPClient

  init() throws { client = try HTTPClient(log: Log(level: .error)) }

  private func get(_ server: ScriptedServer, path: String = "/", maximumBodyBytes: Int = 10) -> HTTPRequest {
    HTTPRequest(url: server.url + path, maximumBodyBytes: maximumBodyBytes, allowsPlaintext: true)
  }

  @Test("a body may be as long as its limit and not a byte longer", arguments: [10, 11])
  func bodyLimit(count: Int) async throws {
    let server = try ScriptedServer(certificate: nil) { _ in response(body: String(repeating: "x", count: count)) }
    let error = await failure { () async throws(HTTPClientError) in try await client.send(get(server)) }
    #expect(error?.kind == (count > 10 ? .tooLarge : nil))
  }

  @Test("a body without a length is cut at the limit while it still comes")
  func endlessBody() async throws {
    let server = try ScriptedServer(certificate: nil) { _ in
      Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nabcdefgh\r\n8\r\nabcdefgh\r\n".utf8)
    }
    let error = await failure { () async throws(HTTPClientError) in try await client.send(get(server)) }
    #expect(error?.kind == .tooLarge)
    #expect(error?.message == "\(server.url): the response body is longer than 10 bytes")
  }

  @Test("header fields past their limit end the response")
  func headerLimit() async throws {
    let server = try ScriptedServer(certificate: nil) { _ in
      response(headers: (0..<80).map { "X-\($0): \(String(repeating: "y", count: 1_000))\r\n" }.joined())
    }
    let error = await failure { () async throws(HTTPClientError) in try await client.send(get(server)) }
    #expect(error?.kind == .tooLarge)
  }

  @Test("a server that never answers runs into the timeout, and the query stays out of the error")
  func timeout() async throws {
    let server = try ScriptedServer(certificate: nil) { _ in nil }
    var request = get(server, path: "/?token=hunter2")
    request.headers = [("Authorization", "Bearer hunter3")]
    request.timeoutSeconds = 0.2
    let error = await failure { [request] () async throws(HTTPClientError) in try await client.send(request) }
    #expect(error?.kind == .timeout)
    #expect(error?.description.contains("hunter") == false)
    #expect(error?.message.hasPrefix("http://127.0.0.1:\(server.port): ") == true)
  }

  @Test("a body that stops coming runs into the timeout")
  func stalledBody() async throws {
    let server = try ScriptedServer(certificate: nil) { _ in
      Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab".utf8)
    }
    var request = get(server)
    request.timeoutSeconds = 0.2
    let error = await failure { [request] () async throws(HTTPClientError) in try await client.send(request) }
    #expect(error?.kind == .timeout)
  }

  @Test("a body that is cut short is no answer")
  func truncatedBody() async throws {
    let server = try ScriptedServer(certificate: nil, closesAfterAnswer: true) { _ in
      Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab".utf8)
    }
    let error = await failure { () async throws(HTTPClientError) in try await client.send(get(server)) }
    #expect(error?.kind == .unreachable)
  }

  @Test("a port that nobody listens on is unreachable, at once")
  func refused() async throws {
    let port: UInt16
    do {
      let server = try ScriptedServer(certificate: nil) { _ in nil }
      port = server.port
      await server.stop()
    }
    let request = HTTPRequest(url: "http://127.0.0.1:\(port)/", allowsPlaintext: true)
    let error = await failure { () async throws(HTTPClientError) in try await client.send(request) }
    #expect(error?.kind == .unreachable)
  }

  @Test(
    "what cannot be sent safely is refused before anything is sent",
    arguments: [
      HTTPRequest(url: "http://127.0.0.1:1/"),
      HTTPRequest(url: "ftp://127.0.0.1/", allowsPlaintext: true),
      HTTPRequest(url: "file:///etc/passwd", allowsPlaintext: true),
      HTTPRequest(url: "https://user:hunter2@127.0.0.1/"),
      HTTPRequest(url: "https://127.0.0.1/a b"),
      HTTPRequest(url: "https://127.0.0.1/\r\nX: y"),
      HTTPRequest(url: ""),
      HTTPRequest(method: "GET /x HTTP/1.1\r\nX: y", url: "https://127.0.0.1/"),
      HTTPRequest(url: "https://127.0.0.1/", headers: [("X", "a\r\nY: hunter2")]),
      HTTPRequest(url: "https://127.0.0.1/", headers: [("X: y\r\nZ", "a")]),
      HTTPRequest(url: "https://127.0.0.1/", caCertificates: []),
    ])
  func invalid(request: HTTPRequest) async throws {
    let error = await failure { () async throws(HTTPClientError) in try await client.send(request) }
    #expect(error?.kind == .invalidRequest)
    #expect(error?.message.contains("hunter2") == false)
  }
}
