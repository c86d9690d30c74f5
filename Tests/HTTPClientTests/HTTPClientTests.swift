import HTTPClient
import Logging
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPClientTests {
  let authority: TestCertificateAuthority
  let certificate: TestCertificateAuthority.ServerCertificate
  let client: HTTPClient

  init() throws {
    authority = try TestCertificateAuthority()
    certificate = try authority.issue()
    client = try HTTPClient(log: Log(level: .error))
  }

  private func server(closesAfterAnswer: Bool = false, _ script: @escaping ScriptedServer.Script) throws
    -> ScriptedServer
  {
    try ScriptedServer(certificate: certificate, closesAfterAnswer: closesAfterAnswer, script: script)
  }

  private func get(_ url: String, maximumBodyBytes: Int = 1 << 20) -> HTTPRequest {
    HTTPRequest(url: url, caCertificates: authority.certificatePEM, maximumBodyBytes: maximumBodyBytes)
  }

  @Test("an answer that is no HTTP is the server's fault, and not the request's")
  func noHTTP() async throws {
    let server = try server(closesAfterAnswer: true) { _ in Array("ACME maintenance page\r\n".utf8) }
    let error = await failure { () async throws(HTTPClientError) in try await client.send(get(server.url)) }
    #expect(error?.kind == .unreachable)
  }

  @Test("a response comes back with its status, fields in order and body")
  func response() async throws {
    let server = try server { _ in
      Array(
        "HTTP/1.1 418 I'm a teapot\r\nX-One:  a b \r\nx-two:\r\nX-ONE: c\r\nContent-Length: 3\r\n\r\n\u{0}hi".utf8)
    }
    let response = try await client.send(get(server.url + "/path?query=1"))
    #expect(response.status == 418)
    #expect(response.headers.map(\.name) == ["x-one", "x-two", "x-one", "content-length"])
    #expect(response.headers.map(\.value) == ["a b", "", "c", "3"])
    #expect(response.header("x-one") == "a b")
    #expect(response.body == [0, 0x68, 0x69])
  }

  @Test("the request says what was asked, this program's name, and nothing that libcurl would add to a body")
  func request() async throws {
    let server = try server { _ in HTTPClientTests.ok }
    var request = get(server.url + "/a%20b?c=d")
    request.method = "POST"
    request.headers = [("X-Thing", "one, two"), ("X-Empty", "")]
    request.body = Array("{\"a\":1}".utf8)
    _ = try await client.send(request)
    guard case .request(1, let text) = try #require(server.events.first) else { return #expect(Bool(false)) }
    let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
    #expect(lines.first == "POST /a%20b?c=d HTTP/1.1")
    #expect(lines.last == "{\"a\":1}")
    #expect(
      Set(lines.dropFirst().dropLast(2)) == [
        "Host: 127.0.0.1:\(server.port)", "User-Agent: ese-federation", "Accept: */*", "X-Thing: one, two", "X-Empty:",
        "Content-Length: 7",
      ])
  }

  @Test("a body of more than a megabyte is sent at once, without waiting for 100 Continue")
  func largeRequest() async throws {
    let server = try server { _ in HTTPClientTests.ok }
    var request = get(server.url)
    request.method = "PUT"
    request.body = [UInt8](repeating: 0x61, count: 3_000_000)
    #expect(try await client.send(request).status == 200)
    guard case .request(_, let text) = try #require(server.events.first) else { return #expect(Bool(false)) }
    #expect(text.utf8.count > 3_000_000 && !text.contains("Expect"))
  }

  @Test("a method without a body sends none, POST sends an empty one", arguments: ["DELETE", "HEAD", "POST"])
  func methods(method: String) async throws {
    let server = try server { _ in HTTPClientTests.ok }
    var request = get(server.url)
    request.method = method
    #expect(try await client.send(request).status == 200)
    guard case .request(_, let text) = try #require(server.events.first) else { return #expect(Bool(false)) }
    #expect(text.hasPrefix("\(method) / HTTP/1.1\r\n"))
    #expect(text.contains("Content-Length: 0") == (method == "POST"))
  }

  @Test("a redirect is an answer, not a way")
  func redirect() async throws {
    let server = try server { _ in
      Array("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".utf8)
    }
    let response = try await client.send(get(server.url))
    #expect(response.status == 302)
    #expect(response.header("location") == "/elsewhere")
    #expect(server.events.count == 1)
  }

  @Test("interim responses are skipped, chunks joined, trailers left out")
  func interimAndChunked() async throws {
    let server = try server { _ in
      Array(
        ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Late: 1\r\n\r\n").utf8)
    }
    let response = try await client.send(get(server.url))
    #expect(response.status == 200)
    #expect(response.headers.map(\.name) == ["transfer-encoding"])
    #expect(response.body == Array("abcde".utf8))
  }

  @Test("a hundred requests at once are all answered, each with its own answer")
  func concurrent() async throws {
    let server = try server { text in
      let path = text.split(separator: " ")[1]
      return Array("HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)".utf8)
    }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<100 {
        group.addTask {
          let response = try await client.send(get("\(server.url)/\(number)"))
          return response.body == Array("/\(number)".utf8)
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  @Test("a connection that the server closed between requests is replaced unnoticed")
  func staleConnection() async throws {
    let server = try server(closesAfterAnswer: true) { _ in HTTPClientTests.ok }
    for _ in 0..<3 { #expect(try await client.send(get(server.url)).status == 200) }
    #expect(server.connectionCount == 3)
  }

  private static let ok = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
}
