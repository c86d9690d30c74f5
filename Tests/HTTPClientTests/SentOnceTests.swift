import HTTPClient
import Logging
import TestSupport
import Testing

/// Requests that must not be carried out twice.
@Suite(.timeLimit(.minutes(1))) struct SentOnceTests {
  private func request(_ server: ScriptedServer, isSentOnce: Bool) -> HTTPRequest {
    HTTPRequest(
      method: "POST", url: server.url, body: Array("{}".utf8), timeoutSeconds: 30, allowsPlaintext: true,
      isSentOnce: isSentOnce)
  }

  /// Answers GET, and hangs up at the first POST.
  private func hangingUp() throws -> ScriptedServer {
    try ScriptedServer(certificate: nil) { $0.hasPrefix("POST") ? [] : response() }
  }

  private func posts(_ server: ScriptedServer) -> Int {
    server.events.count { if case .request(_, let text) = $0 { text.hasPrefix("POST") } else { false } }
  }

  @Test(
    "on a connection that was used before, libcurl sends again what is not to be sent once", arguments: [true, false])
  func reused(isSentOnce: Bool) async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let server = try hangingUp()
    _ = try await client.send(HTTPRequest(url: server.url, allowsPlaintext: true))
    let request = request(server, isSentOnce: isSentOnce)
    let error = await failure { () async throws(HTTPClientError) in try await client.send(request) }
    #expect(error?.kind == .unreachable)
    #expect(error?.mayBeCarriedOut == isSentOnce)
    #expect(posts(server) == (isSentOnce ? 1 : 2))
  }

  @Test("on a new connection it is sent once too, and the failure says so")
  func fresh() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let server = try hangingUp()
    let request = request(server, isSentOnce: true)
    let error = await failure { () async throws(HTTPClientError) in try await client.send(request) }
    #expect(error?.kind == .unreachable && error?.mayBeCarriedOut == true)
    #expect(posts(server) == 1)
  }

  @Test("a connection that was used before serves it, and one that is refused says that nothing was sent")
  func success() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let server = try ScriptedServer(certificate: nil) { _ in response(body: "ok") }
    _ = try await client.send(HTTPRequest(url: server.url, allowsPlaintext: true))
    let request = request(server, isSentOnce: true)
    #expect(try await client.send(request).body == Array("ok".utf8))
    #expect(server.connectionCount == 1)
    await server.stop()
    let error = await failure { () async throws(HTTPClientError) in try await client.send(request) }
    #expect(error?.kind == .unreachable && error?.mayBeCarriedOut == false)
  }

  @Test("a timeout and a cancellation after sending say so")
  func unanswered() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let server = try ScriptedServer(certificate: nil) { _ in nil }
    var short = request(server, isSentOnce: true)
    short.timeoutSeconds = 0.3
    let late = short
    let timeout = await failure { () async throws(HTTPClientError) in try await client.send(late) }
    #expect(timeout?.kind == .timeout && timeout?.mayBeCarriedOut == true)
    let request = request(server, isSentOnce: true)
    let task = Task { await failure { () async throws(HTTPClientError) in try await client.send(request) } }
    await server.wait { if case .request(2, _) = $0 { true } else { false } }
    task.cancel()
    let cancelled = await task.value
    #expect(cancelled?.kind == .cancelled && cancelled?.mayBeCarriedOut == true)
  }
}
