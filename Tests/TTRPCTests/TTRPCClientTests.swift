import FederationAPI
import Synchronization
import Testing
import TestSupport
import Transport

@testable import TTRPC

@Suite(.timeLimit(.minutes(1))) struct TTRPCClientTests {
  private func outcome(
    _ client: TTRPCClient, _ method: String, _ payload: [UInt8] = [], timeout: Int64? = nil
  ) async -> Result<[UInt8], RPCError> {
    do throws(RPCError) {
      return .success(
        try await client.call(
          service: "test.Service", method: method, payload: payload, timeoutNanoseconds: timeout))
    } catch {
      return .failure(error)
    }
  }

  @Test("10,000 calls at once on one connection each get their own answer, in whatever order they come")
  func pipelining() async throws {
    let server = try TestServer()
    let client = try await server.client()
    let right = await withTaskGroup(of: Bool.self) { calls in
      for index in 0..<10_000 {
        calls.addTask {
          let payload = Array("call \(index)".utf8)
          return await outcome(client, index % 3 == 0 ? "Later" : "Echo", payload) == .success(payload)
        }
      }
      return await calls.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(right == 10_000)
    await server.stop()
  }

  @Test("large calls with large answers do not leave both sides waiting for each other")
  func largeBothWays() async throws {
    let server = try TestServer()
    let client = try await server.client()
    let payload = [UInt8](repeating: 0x61, count: 1_000_000)
    let right = await withTaskGroup(of: Bool.self) { calls in
      for _ in 0..<40 { calls.addTask { await outcome(client, "Echo", payload) == .success(payload) } }
      return await calls.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(right == 40)
    await server.stop()
  }

  @Test("errors, metadata and the deadline go over the wire")
  func context() async throws {
    let server = try TestServer()
    let client = try await server.client()
    #expect(await outcome(client, "Fail") == .failure(RPCError(.notFound, "no such thing")))
    #expect(await outcome(client, "Nope") == .failure(RPCError(.unimplemented, "method Nope")))
    let told = try await client.call(
      service: "test.Service", method: "Context", payload: [],
      metadata: [("authorization", "Bearer t"), ("x-workload-token", "w")], timeoutNanoseconds: 60_000_000_000)
    #expect(String(decoding: told, as: UTF8.self) == "Bearer t|w|60 s|bound")
    await server.stop()
  }

  @Test("the deadline holds without the server's help, and a late answer is ignored")
  func localDeadline() async throws {
    // Answers the first call only when the second comes.
    let first = Mutex<UInt32?>(nil)
    let server = try ScriptedServer { header, _, connection in
      let late = first.withLock { held in
        defer { held = held ?? header.streamID }
        return held
      }
      guard let late else { return }
      connection.write(Wire.response(late, payload: [1]))
      connection.write(Wire.response(header.streamID, payload: [2]))
    }
    let client = try await server.client()
    #expect(await outcome(client, "M", timeout: 200_000_000) == .failure(.deadlinePassed))
    #expect(await outcome(client, "M", timeout: 30_000_000_000) == .success([2]))
    await server.stop()
  }

  @Test("a deadline that has passed is not sent", arguments: [0, -5])
  func deadlinePassed(timeout: Int64) async throws {
    let server = try ScriptedServer { _, _, _ in Issue.record("a frame came") }
    let client = try await server.client()
    #expect(await outcome(client, "M", timeout: timeout) == .failure(.deadlinePassed))
    await server.stop()
  }

  @Test("a cancelled call ends with CANCELLED and gives its place to the next")
  func cancellation() async throws {
    let (arrivals, arrived) = AsyncStream<Void>.makeStream()
    let server = try ScriptedServer { header, data, connection in
      let request = try? RequestEnvelope(data.span.bytes)
      if let request, data[request.payload].first == 1 {
        connection.write(Wire.response(header.streamID, payload: [9]))
      }
      arrived.yield()
    }
    var limits = TTRPCLimits.client
    limits.concurrentCalls = 1
    let client = try await server.client(limits: limits)
    let stuck = Task { await outcome(client, "M", [0]) }
    for await _ in arrivals { break }
    async let next = outcome(client, "M", [1])
    stuck.cancel()
    #expect(await stuck.value == .failure(RPCError(.cancelled, "the caller gave the call up")))
    #expect(await next == .success([9]))
    await server.stop()
  }

  @Test("a lost connection tells the calls that were sent from those that were not")
  func connectionLost() async throws {
    let server = try ScriptedServer { _, _, connection in connection.close(.finished) }
    var limits = TTRPCLimits.client
    limits.concurrentCalls = 1
    let client = try await server.client(limits: limits)
    async let one = outcome(client, "M")
    async let two = outcome(client, "M")
    let errors = await [one, two].map { result -> String in
      if case .failure(let error) = result, error.code == .unavailable { error.message } else { "\(result)" }
    }
    #expect(
      errors.sorted() == [
        "the server closed the connection after the call was sent, so it may have been carried out; retry only if that is harmless",
        "the server closed the connection before the call was sent; a retry is safe",
      ])
    #expect(
      await outcome(client, "M")
        == .failure(
          RPCError(.unavailable, "the server closed the connection before the call was sent; a retry is safe")))
    await server.stop()
  }

  @Test("closing the client ends its calls")
  func close() async throws {
    let (arrivals, arrived) = AsyncStream<Void>.makeStream()
    let server = try ScriptedServer { _, _, _ in arrived.yield() }
    let client = try await server.client()
    async let call = outcome(client, "M")
    for await _ in arrivals { break }
    client.close()
    guard case .failure(let error) = await call else {
      Issue.record("the call was answered")
      return
    }
    #expect(error.code == .unavailable)
    #expect(error.message.hasPrefix("the client was closed after the call was sent"))
    await server.stop()
  }

  @Test("a request over 4 MiB is refused here, and the connection goes on")
  func requestTooLarge() async throws {
    let server = try TestServer()
    let client = try await server.client()
    guard case .failure(let error) = await outcome(client, "Echo", [UInt8](repeating: 0, count: 4_194_304)) else {
      Issue.record("the call was answered")
      return
    }
    #expect(error.code == .resourceExhausted)
    #expect(error.message.hasSuffix("bytes is too large, at most 4194304"))
    #expect(await outcome(client, "Echo", [1]) == .success([1]))
    await server.stop()
  }

  @Test("an answer over 4 MiB, a stream and an unreadable answer each fail their call and no other")
  func badAnswers() async throws {
    let server = try ScriptedServer { header, _, connection in
      let id = header.streamID
      switch id {
      case 1: connection.write(Wire.frame(id, kind: 2, [UInt8](repeating: 0, count: 4_194_305)))
      case 3: connection.write(Wire.frame(id, kind: 3, [1]))
      case 5: connection.write(Wire.frame(id, kind: 2, [0x0A, 99]))
      case 7: connection.write(Wire.frame(id, kind: 99, [1]) + Wire.response(id, payload: [7]))
      default: connection.write(Wire.response(12_345, payload: []) + Wire.response(id, payload: [8]))
      }
    }
    let client = try await server.client()
    #expect(
      await outcome(client, "M")
        == .failure(RPCError(.resourceExhausted, "answer of 4194305 bytes is too large, at most 4194304")))
    #expect(
      await outcome(client, "M") == .failure(RPCError(.internal, "the server answered a unary call with a stream")))
    #expect(
      await outcome(client, "M")
        == .failure(
          RPCError(.internal, "the server's answer cannot be read: a field goes past the message's end")))
    #expect(await outcome(client, "M") == .success([7]))
    #expect(await outcome(client, "M") == .success([8]))
    await server.stop()
  }

  @Test("a server of another protocol fails the call with words that say so")
  func otherProtocol() async throws {
    let server = try ScriptedServer { _, _, connection in connection.write(Array("HTTP/1.1 400 Bad Request".utf8)) }
    let client = try await server.client()
    guard case .failure(let error) = await outcome(client, "M") else {
      Issue.record("the call was answered")
      return
    }
    #expect(error.code == .unavailable)
    #expect(error.message.hasPrefix("the server does not speak ttrpc"))
    await server.stop()
  }

  @Test(
    "over TLS the protocol is agreed by ALPN, and a server without it is UNIMPLEMENTED",
    arguments: ["ttrpc", "http/1.1"])
  func alpn(offered: String) async throws {
    let authority = try TestCertificateAuthority()
    let certificate = try authority.issue()
    let server = try TestServer()
    let tls = try ServerTLS(
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, minimumVersion: .v13, alpn: [offered])
    let port = try server.group.listen(host: "127.0.0.1", port: 0, tls: tls) { _ in
      TTRPCServerConnection(dispatcher: TestDispatcher(gate: Gate()), log: .init(level: .error))
    }.port
    let target = DialTarget(
      host: "127.0.0.1", port: port, serverName: "localhost",
      tls: try ClientTLS(caCertificates: authority.certificatePEM, alpn: [TTRPCClient.alpn, "http/1.1"]))
    if offered == "ttrpc" {
      let client = try await TTRPCClient.connect(target, group: server.clientGroup)
      #expect(await outcome(client, "Later", [1]) == .success([1]))
    } else {
      let error = await #expect(throws: RPCError.self) {
        _ = try await TTRPCClient.connect(target, group: server.clientGroup)
      }
      #expect(error?.code == .unimplemented)
      #expect(error?.message == "127.0.0.1:\(port) does not speak ttrpc (ALPN agreed on http/1.1)")
    }
    await server.stop()
  }
}
