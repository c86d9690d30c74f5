import FederationAPI
import Testing

@testable import TTRPC

/// The rules of the wire, each seen from a peer that writes its own bytes.
@Suite(.timeLimit(.minutes(1))) struct TTRPCServerRulesTests {
  /// Sends `bytes`, returns what comes first, and shows that the connection still serves.
  private func firstAnswer(
    to bytes: [UInt8], limits: TTRPCLimits = TTRPCLimits(), probeID: UInt32 = 1_001
  ) async throws -> RawPeer.Frame? {
    let server = try TestServer(limits: limits)
    let peer = try await server.rawPeer()
    peer.send(bytes + Wire.request(probeID, "Echo", payload: [1]))
    let answer = await peer.next()
    if answer?.streamID == probeID {
      #expect(answer == .success(probeID, [1]))
      await server.stop()
      return nil
    }
    #expect(await peer.next() == .success(probeID, [1]))
    await server.stop()
    return answer
  }

  @Test("a unary call is answered on its stream")
  func unary() async throws {
    #expect(try await firstAnswer(to: Wire.request(1, "Echo", payload: [7, 8])) == .success(1, [7, 8]))
  }

  @Test("a call that waits is answered from its task")
  func pending() async throws {
    let server = try TestServer()
    let peer = try await server.rawPeer()
    peer.send(Wire.request(1, "Later", payload: [4]))
    #expect(await peer.next() == .success(1, [4]))
    await server.stop()
  }

  @Test("a slow call does not hold up a later one")
  func multiplexed() async throws {
    let server = try TestServer()
    let peer = try await server.rawPeer()
    peer.send(Wire.request(1, "Wait", payload: [65]) + Wire.request(3, "Echo", payload: [2]))
    #expect(await peer.next() == .success(3, [2]))
    server.gate.open()
    #expect(await peer.next() == .success(1, [65]))
    await server.stop()
  }

  @Test("an empty answer comes as a frame of its own")
  func emptyAnswer() async throws {
    #expect(try await firstAnswer(to: Wire.request(1, "Echo")) == .success(1, []))
  }

  @Test("an error carries its code and message")
  func failure() async throws {
    #expect(try await firstAnswer(to: Wire.request(1, "Fail")) == .failure(1, .notFound, "no such thing"))
  }

  @Test("unknown service and method are UNIMPLEMENTED")
  func unknownNames() async throws {
    #expect(
      try await firstAnswer(to: Wire.request(1, "Echo", service: "a.B")) == .failure(1, .unimplemented, "service a.B"))
    #expect(try await firstAnswer(to: Wire.request(1, "Nope")) == .failure(1, .unimplemented, "method Nope"))
    #expect(try await firstAnswer(to: Wire.frame(1, kind: 1, [])) == .failure(1, .unimplemented, "service "))
  }

  @Test("a call with two authorizations is INVALID_ARGUMENT, as on the other wires, and the connection stays")
  func twoAuthorizations() async throws {
    let both = Wire.request(1, "Echo", metadata: [("authorization", "Bearer a"), ("authorization", "Bearer b")])
    #expect(
      try await firstAnswer(to: both)
        == .failure(1, .invalidArgument, "request cannot be read: more than one authorization"))
  }

  @Test("metadata and deadline reach the handler, and a connection has a place to bind an identity")
  func context() async throws {
    let full = Wire.request(
      1, "Context", timeout: 60_000_000_000, metadata: [("authorization", "Bearer t"), ("x-workload-token", "w")])
    #expect(try await firstAnswer(to: full) == .success(1, Array("Bearer t|w|60 s|bound".utf8)))
    #expect(
      try await firstAnswer(to: Wire.request(1, "Context")) == .success(1, Array("none|none|none|bound".utf8)))
  }

  @Test("an even stream id is INVALID_ARGUMENT on that id, and the connection stays", arguments: [0, 2, 4_000_000_000])
  func evenID(id: UInt32) async throws {
    let answer = try await firstAnswer(to: Wire.request(id, "Echo"))
    #expect(answer == .failure(id, .invalidArgument, "stream id \(id) is even; a client opens odd ones"))
  }

  @Test("a stream id that does not rise is INVALID_ARGUMENT on that id", arguments: [3, 5])
  func repeatedID(id: UInt32) async throws {
    let server = try TestServer()
    let peer = try await server.rawPeer()
    peer.send(Wire.request(5, "Echo") + Wire.request(id, "Echo") + Wire.request(7, "Echo", payload: [1]))
    let expected: [RawPeer.Frame] = [
      .success(5, []), .failure(id, .invalidArgument, "stream id \(id) is not larger than 5, the last one"),
      .success(7, [1]),
    ]
    #expect(await peer.next(3) == expected)
    await server.stop()
  }

  @Test("Data on an unknown stream is INVALID_ARGUMENT")
  func dataOnUnknownStream() async throws {
    let answer = try await firstAnswer(to: Wire.frame(9, kind: 3, [1]))
    #expect(answer == .failure(9, .invalidArgument, "stream 9 is not open"))
  }

  @Test("Data on a running unary call ends that call with INVALID_ARGUMENT and cancels its work")
  func dataOnUnaryCall() async throws {
    let server = try TestServer()
    let peer = try await server.rawPeer()
    peer.send(Wire.request(1, "Wait", payload: [65]))
    #expect(await server.gate.next(1) == [.arrived("A")])
    peer.send(Wire.frame(1, kind: 3, [1]))
    #expect(await peer.next() == .failure(1, .invalidArgument, "stream 1 is a unary call, which takes no data"))
    #expect(await server.gate.next(1) == [.cancelled("A")])
    peer.send(Wire.request(3, "Echo"))
    #expect(await peer.next() == .success(3, []))
    await server.stop()
  }

  @Test("a request that does not parse is INVALID_ARGUMENT")
  func malformedRequest() async throws {
    let answer = try await firstAnswer(to: Wire.frame(1, kind: 1, [0x0A, 200]))
    #expect(answer == .failure(1, .invalidArgument, "request cannot be read: a field goes past the message's end"))
  }

  @Test(
    "a frame over 4 MiB is skipped and answered RESOURCE_EXHAUSTED, whatever its kind", arguments: [1, 3] as [UInt8])
  func tooLarge(kind: UInt8) async throws {
    let answer = try await firstAnswer(to: Wire.frame(1, kind: kind, [UInt8](repeating: 1, count: 4_194_305)))
    #expect(answer == .failure(1, .resourceExhausted, "message of 4194305 bytes is too large, at most 4194304"))
  }

  @Test("a frame of exactly 4 MiB is served")
  func largestFrame() async throws {
    let overhead = Wire.request(1, "Size", payload: []).count - 10
    let payload = [UInt8](repeating: 0x30, count: 4_194_304 - overhead - 3)
    let frame = Wire.request(1, "Size", payload: payload)
    #expect(frame.count == 4_194_304 + 10)
    #expect(try await firstAnswer(to: frame) == .success(1, []))
  }

  @Test("an answer over 4 MiB is RESOURCE_EXHAUSTED instead")
  func answerTooLarge() async throws {
    let answer = try await firstAnswer(to: Wire.request(1, "Size", payload: Array("4194304".utf8)))
    #expect(answer == .failure(1, .resourceExhausted, "answer of 4194309 bytes is too large, at most 4194304"))
  }

  @Test("frames of unknown kinds, and Responses, are ignored", arguments: [0, 2, 4, 255] as [UInt8])
  func unknownKind(kind: UInt8) async throws {
    #expect(try await firstAnswer(to: Wire.frame(3, kind: kind, [1, 2, 3])) == nil)
  }

  @Test("unknown bits in the flags of a unary request are ignored")
  func unknownFlags() async throws {
    #expect(try await firstAnswer(to: Wire.request(1, "Echo", payload: [5], flags: 0xF8)) == .success(1, [5]))
  }

  @Test("a streaming call is refused, and the Data that was under way is swallowed until its end")
  func streamingRefused() async throws {
    let server = try TestServer()
    let peer = try await server.rawPeer()
    let text = "method Echo is no streaming call"
    peer.send(
      Wire.request(1, "Echo", flags: 2) + Wire.frame(1, kind: 3, [1]) + Wire.frame(1, kind: 3, [])
        + Wire.frame(1, kind: 3, flags: 5, []) + Wire.frame(1, kind: 3, [1]) + Wire.request(3, "Echo", flags: 1)
        + Wire.frame(3, kind: 3, []))
    let expected: [RawPeer.Frame] = [
      .failure(1, .unimplemented, text), .failure(1, .invalidArgument, "stream 1 is not open"),
      .failure(3, .unimplemented, text), .failure(3, .invalidArgument, "stream 3 is not open"),
    ]
    #expect(await peer.next(4) == expected)
    await server.stop()
  }

  @Test("a first byte that is not 0 closes the connection at once, after the answers before it, with a log line")
  func firstByte() async throws {
    let server = try TestServer()
    let peer = try await server.rawPeer()
    peer.send(Wire.request(1, "Echo", payload: [1]) + [0x16])
    #expect(await peer.next() == .success(1, [1]))
    #expect(await peer.next() == nil)
    #expect(server.log.contains("\"event\":\"ttrpc_protocol_error\""))
    #expect(server.log.contains("the first byte of a frame is not 0"))
    await server.stop()
  }

  @Test("mutated frames never end the server: a fresh connection is served after each of 50 broken ones")
  func mutation() async throws {
    var random = SeededGenerator(seed: 6)
    let server = try TestServer()
    for _ in 0..<50 {
      var bytes: [UInt8] = []
      for index in 0..<40 as Range<UInt32> {
        let methods = ["Echo", "Later", "Context", "Nope"]
        bytes += Wire.request(
          index * 2 + 1, methods[Int(index) % 4], payload: [1], timeout: Int64(index),
          metadata: [("authorization", "x")])
      }
      for _ in 0..<Int.random(in: 1...60, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let broken = try await server.rawPeer(greeting: bytes)
      let peer = try await server.rawPeer(greeting: Wire.request(1, "Later", payload: [7]))
      #expect(await peer.next() == .success(1, [7]))
      broken.close()
      peer.close()
    }
    await server.stop()
  }
}
