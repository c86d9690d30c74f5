import HTTPClient
import Logging
import Testing

@Suite(.timeLimit(.minutes(1))) struct ResponseStreamTests {
  private func request(_ server: ScriptedServer, timeoutSeconds: Double = 60) -> HTTPRequest {
    HTTPRequest(url: server.url, timeoutSeconds: timeoutSeconds, allowsPlaintext: true)
  }

  private let head = "HTTP/1.1 200 OK\r\nX-One: 1\r\nTransfer-Encoding: chunked\r\n\r\n"

  private func kind(_ body: () async throws(HTTPClientError) -> Void) async -> HTTPClientError.Kind? {
    do throws(HTTPClientError) {
      try await body()
      return nil
    } catch { return error.kind }
  }

  @Test("the head comes before the body, and each piece of body as it comes, to the end")
  func pieces() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let server = try LiveServer()
    var connections = server.connections.makeAsyncIterator()
    async let opened = client.stream(server.request)
    let connection = try #require(await connections.next())
    connection.write(Array(head.utf8))
    let stream = try await opened
    #expect(stream.status == 200 && stream.headers.first { $0.name == "x-one" }?.value == "1")
    for text in ["first", "second"] {
      connection.write(Array("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n".utf8))
      #expect(try await stream.next() == Array(text.utf8))
    }
    connection.write(Array("0\r\n\r\n".utf8))
    #expect(try await stream.next() == nil)
    #expect(try await stream.next() == nil)
  }

  @Test("an error status is a response whose rest can be read, up to a limit")
  func rest() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let server = try ScriptedServer(certificate: nil) { _ in response("410 Gone", body: "0123456789") }
    let stream = try await client.stream(request(server))
    #expect(stream.status == 410)
    #expect(try await stream.rest(maximumBytes: 10) == Array("0123456789".utf8))
    let other = try await client.stream(request(server))
    let limited = await kind { () async throws(HTTPClientError) in _ = try await other.rest(maximumBytes: 9) }
    #expect(limited == .tooLarge)
  }

  @Test("a connection that breaks off in the body is an error after what came, not an end")
  func brokenOff() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let head = head
    let server = try ScriptedServer(certificate: nil, closesAfterAnswer: true) { _ in Array((head + "2\r\nab\r\n").utf8)
    }
    let stream = try await client.stream(request(server))
    #expect(try await stream.next() == Array("ab".utf8))
    let broken = await kind { () async throws(HTTPClientError) in _ = try await stream.next() }
    #expect(broken == .unreachable)
  }

  @Test("a server that is not there fails the call itself")
  func unreachable() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let server = try ScriptedServer(certificate: nil) { _ in nil }
    await server.stop()
    let request = request(server)
    let refused = await kind { () async throws(HTTPClientError) in _ = try await client.stream(request) }
    #expect(refused == .unreachable)
  }

  @Test("silence past the request's time ends the stream; a body that goes on longer than that does not")
  func idle() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let server = try LiveServer()
    var connections = server.connections.makeAsyncIterator()
    var request = server.request
    request.timeoutSeconds = 2
    async let opened = client.stream(request)
    let connection = try #require(await connections.next())
    connection.write(Array(head.utf8))
    let stream = try await opened
    for _ in 0..<8 {
      try await Task.sleep(for: .milliseconds(500))
      connection.write(Array("1\r\nx\r\n".utf8))
      #expect(try await stream.next() == Array("x".utf8))
    }
    let silent = await kind { () async throws(HTTPClientError) in _ = try await stream.next() }
    #expect(silent == .timeout)
  }

  @Test("cancelling the reader closes the transfer, and so does letting go of the stream")
  func cancellation() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let head = head
    let server = try ScriptedServer(certificate: nil) { _ in Array(head.utf8) }
    let stream = try await client.stream(request(server))
    let reader = Task { await kind { () async throws(HTTPClientError) in _ = try await stream.next() } }
    reader.cancel()
    #expect(await reader.value == .cancelled)
    await server.wait { $0 == .closed(1) }
    do {
      _ = try await client.stream(request(server))
    }
    await server.wait { $0 == .closed(2) }
  }

  @Test("a reader that is slow holds the sender back, and loses nothing")
  func backpressure() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let server = try LiveServer()
    var connections = server.connections.makeAsyncIterator()
    async let opened = client.stream(server.request)
    let connection = try #require(await connections.next())
    let size = 16 << 20
    connection.write(Array("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n".utf8))
    let stream = try await opened
    connection.writeInBackground((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 7) })
    // Time for all that would come if nothing held it back.
    try await Task.sleep(for: .milliseconds(500))
    // The rest is what the system's own buffers hold.
    #expect(connection.sentCount < size)
    var received: [UInt8] = []
    var largest = 0
    while let bytes = try await stream.next() {
      largest = max(largest, bytes.count)
      received += bytes
    }
    #expect(received.count == size && largest <= 300 << 10)
    #expect(received.enumerated().allSatisfy { $1 == UInt8(truncatingIfNeeded: $0 &* 31 >> 7) })
  }
}
