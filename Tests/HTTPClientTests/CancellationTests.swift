import HTTPClient
import Logging
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct CancellationTests {
  private func request(_ server: ScriptedServer) -> HTTPRequest {
    HTTPRequest(url: server.url, timeoutSeconds: 60, allowsPlaintext: true)
  }

  @Test("cancelling the task aborts its transfer and closes the connection")
  func cancellation() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let server = try ScriptedServer(certificate: nil) { _ in nil }
    let request = request(server)
    let task = Task { await failure { () async throws(HTTPClientError) in try await client.send(request) } }
    await server.wait { if case .request = $0 { true } else { false } }
    task.cancel()
    #expect(await task.value?.kind == .cancelled)
    await server.wait { $0 == .closed(1) }
  }

  @Test("a task that is cancelled already sends nothing")
  func cancelledBefore() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let server = try ScriptedServer(certificate: nil) { _ in response() }
    let request = request(server)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await failure { () async throws(HTTPClientError) in try await client.send(request) }
    }
    #expect(await task.value?.kind == .cancelled)
    #expect(server.events.isEmpty)
  }

  @Test("cancelling one of many leaves the others alone")
  func oneOfMany() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let silent = try ScriptedServer(certificate: nil) { _ in nil }
    let server = try ScriptedServer(certificate: nil) { _ in response(body: "ok") }
    let hanging = request(silent)
    let tasks = (0..<20).map { _ in
      Task { await failure { () async throws(HTTPClientError) in try await client.send(hanging) } }
    }
    for task in tasks.dropLast() { task.cancel() }
    for task in tasks.dropLast() { #expect(await task.value?.kind == .cancelled) }
    #expect(try await client.send(request(server)).body == Array("ok".utf8))
    tasks.last?.cancel()
    #expect(await tasks.last?.value?.kind == .cancelled)
  }

  @Test("closing the client fails what is in flight and what comes later")
  func close() async throws {
    let client = try HTTPClient(log: Log(level: .error))
    let server = try ScriptedServer(certificate: nil) { _ in nil }
    let request = request(server)
    let task = Task { await failure { () async throws(HTTPClientError) in try await client.send(request) } }
    await server.wait { if case .request = $0 { true } else { false } }
    client.close()
    #expect(await task.value?.kind == .cancelled)
    await server.wait { $0 == .closed(1) }
    #expect(await failure { () async throws(HTTPClientError) in try await client.send(request) }?.kind == .cancelled)
    client.close()
  }

  @Test("letting go of the client ends its thread and its idle connections")
  func release() async throws {
    let server = try ScriptedServer(certificate: nil) { _ in response() }
    do {
      let client = try HTTPClient(log: Log(level: .error))
      _ = try await client.send(request(server))
    }
    await server.wait { $0 == .closed(1) }
  }

  @Test("closing while requests start and are cancelled never loses an answer")
  func closeRace() async throws {
    let server = try ScriptedServer(certificate: nil) { _ in response() }
    for _ in 0..<20 {
      let client = try HTTPClient(log: Log(level: .error))
      let request = request(server)
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<20 {
          group.addTask {
            let task = Task { await failure { () async throws(HTTPClientError) in try await client.send(request) } }
            if number.isMultiple(of: 3) { task.cancel() }
            let kind = await task.value?.kind
            #expect(kind == nil || kind == .cancelled)
          }
        }
        group.addTask { client.close() }
      }
    }
  }
}
