import FederationAPI
import HTTP1
import HTTP2
import TestSupport
import Testing

@testable import GRPC

@Suite(.timeLimit(.minutes(1))) struct UnaryCallTests {
  private func withServer(
    _ limits: GRPCLimits = GRPCLimits(), _ body: (TestServer, GRPCClient) async throws -> Void
  ) async throws {
    let server = try TestServer(limits: limits)
    let client = try await server.client()
    try await body(server, client)
    client.close()
    await server.stop()
  }

  @Test("answers from the loop and from tasks, small, empty and large")
  func answers() async throws {
    try await withServer { _, client in
      for size in [0, 1, 65_535, 300_000, 4_194_304] {
        let payload = [UInt8](repeating: 3, count: size)
        for method in ["Echo", "Later"] {
          let answer = try await client.call(service: "test.Service", method: method, payload: payload)
          #expect(answer == payload)
        }
      }
    }
  }

  @Test("many calls at once on one connection, each with its own answer")
  func concurrent() async throws {
    try await withServer { _, client in
      let wrong = await withTaskGroup(of: Bool.self) { tasks in
        for number in 0..<500 {
          tasks.addTask {
            let payload = Array("\(number)".utf8)
            return (try? await client.call(service: "test.Service", method: "Later", payload: payload)) != payload
          }
        }
        return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(wrong == 0)
    }
  }

  @Test("errors keep code and text, whatever is in it")
  func errors() async throws {
    try await withServer { _, client in
      await #expect(throws: RPCError(.notFound, "no \"Nothing\" 100% ä")) {
        try await client.call(service: "test.Service", method: "Nothing", payload: [])
      }
      await #expect(throws: RPCError(.unimplemented, "service other.Service")) {
        try await client.call(service: "other.Service", method: "Echo", payload: [])
      }
    }
  }

  @Test("metadata and deadline reach the call, and no connection is bound")
  func context() async throws {
    try await withServer { _, client in
      let told = try await client.call(
        service: "test.Service", method: "Context", payload: [],
        metadata: [("authorization", "Bearer x"), ("x-workload-token", "y"), ("trace-bin", "AAEC"), ("other", "z")],
        timeoutNanoseconds: 60_000_000_000)
      #expect(String(decoding: told, as: UTF8.self) == "Bearer x|y|deadline|unbound")
      let bare = try await client.call(service: "test.Service", method: "Context", payload: [])
      #expect(String(decoding: bare, as: UTF8.self) == "none|none|none|unbound")
    }
  }

  @Test("the server keeps the deadline, whatever the handler does")
  func deadline() async throws {
    let server = try TestServer()
    let answer = try await server.ask("/test.Service/Never", [("grpc-timeout", "50m")])
    #expect(answer.fields["grpc-status"] == "4")
    let past = try await server.ask("/test.Service/Echo", [("grpc-timeout", "0n")])
    #expect(past.fields["grpc-status"] == "4")
    await server.stop()
  }

  @Test("a message over the limit is RESOURCE_EXHAUSTED, both ways")
  func limits() async throws {
    var limits = GRPCLimits()
    limits.messageBytes = 1_000
    try await withServer(limits) { _, client in
      await #expect(throws: RPCError(.resourceExhausted, "message of 1001 bytes is too large, at most 1000")) {
        try await client.call(service: "test.Service", method: "Echo", payload: [UInt8](repeating: 0, count: 1_001))
      }
      await #expect(throws: RPCError(.resourceExhausted, "answer of 1001 bytes is too large, at most 1000")) {
        try await client.call(service: "test.Service", method: "Size", payload: Array("1001".utf8))
      }
    }
  }

  @Test("what is no unary call, no timeout or no one caller is refused with its code")
  func malformed() async throws {
    let server = try TestServer()
    let none = try await server.ask("/test.Service/Echo", body: [])
    #expect(none.fields["grpc-status"] == "13")
    let two = try await server.ask("/test.Service/Echo", body: MessageReaderBytes.empty + MessageReaderBytes.empty)
    #expect(two.fields["grpc-status"] == "13")
    let cut = try await server.ask("/test.Service/Echo", body: [0, 0, 0, 0, 9, 1])
    #expect(cut.fields["grpc-status"] == "13")
    let timeout = try await server.ask("/test.Service/Echo", [("grpc-timeout", "soon")])
    #expect(timeout.fields["grpc-status"] == "13")
    let callers = try await server.ask("/test.Service/Echo", [("authorization", "a"), ("authorization", "b")])
    #expect(callers.fields["grpc-status"] == "3")
    let path = try await server.ask("/test.Service")
    #expect(path.fields["grpc-status"] == "12")
    await server.stop()
  }

  @Test("an encoding that is not known is UNIMPLEMENTED, and the answer names those that are")
  func encoding() async throws {
    let server = try TestServer()
    let answer = try await server.ask("/test.Service/Echo", [("grpc-encoding", "snappy")])
    #expect(answer.status == 200)
    #expect(answer.fields["grpc-status"] == "12")
    #expect(answer.fields["grpc-accept-encoding"] == "identity,gzip")
    await server.stop()
  }

  @Test("content types: gRPC's are served, others of a service's path are 415, other paths are plain HTTP")
  func contentTypes() async throws {
    let server = try TestServer()
    for type in ["application/grpc", "application/grpc+proto", "application/grpc;x=y", "Application/gRPC"] {
      let answer = try await server.ask("/test.Service/Echo", contentType: type)
      #expect(answer.trailers["grpc-status"] == "0", "\(type)")
      #expect(answer.body == MessageReaderBytes.empty)
      #expect(answer.fields["content-type"] == "application/grpc")
    }
    for type in ["application/json", "application/grpc+json", "application/grpc-web", nil] {
      let answer = try await server.ask("/grpc.health.v1.Health/Check", contentType: type)
      #expect(answer.status == 415)
    }
    let wrongMethod = try await server.ask("/test.Service/Echo", method: "PUT")
    #expect(wrongMethod.status == 405)
    let plain = try await server.ask("/a?b", body: [1, 2], method: "PUT", contentType: "text/plain")
    #expect(String(decoding: plain.body, as: UTF8.self) == "PUT /a?b localhost 2")
    #expect(plain.fields["content-length"] == "20")
    let large = try await server.ask("/a", body: [UInt8](repeating: 0, count: 98_305), contentType: nil)
    #expect(large.status == 413)
    let fragment = try await server.ask("/a%20b#c", contentType: nil)
    #expect(fragment.status == 400)
    await server.stop()
  }

  @Test("answers that the peer gives no window for are bounded")
  func unsent() async throws {
    let server = try TestServer()
    let peer = try await HTTP2Peer.connect(
      port: server.port, group: server.clientGroup, greeting: HTTP2Peer.magic + HTTP2Peer.settings(window: 0))
    for id: UInt32 in [1, 3, 5] {
      let message: [UInt8] = MessageReader.prefix(7) + Array("4000000".utf8)
      peer.send(HTTP2Peer.request(id, "/test.Service/Size", [("content-type", "application/grpc")]))
      peer.send(HTTP2Peer.data(id, message))
    }
    #expect(await peer.next(1)?.flags == 4)
    #expect(await peer.next(1)?.flags == 4)
    #expect(await peer.next(1)?.flags == 5, "the third would make 12 MB unsent: trailers only")
    peer.close()
    await server.stop()
  }

  @Test("long names full of combining marks take no time")
  func combiningMarks() async throws {
    let server = try TestServer()
    let marks = String(repeating: "\u{0316}\u{0301}", count: 5_000)
    for path in ["/\(marks)/x", "/grpc.health.v1.Health/\(marks)", "/test.Service/\(marks)"] {
      let start = MonotonicTime.now
      _ = try? await server.ask(path)
      _ = try? await server.ask(path, contentType: "text/plain")
      _ = try? await server.ask("/test.Service/Echo", [("grpc-encoding", marks)])
      _ = try? await server.ask("/test.Service/Echo", contentType: "application/grpc" + marks)
      #expect(start.nanoseconds(until: .now) < 5_000_000_000)
    }
    await server.stop()
  }
}
