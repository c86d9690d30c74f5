import FederationAPI
import FederationProto
import Testing

@testable import TTRPC

/// What is answered from memory is, byte for byte, what the handlers' way would have sent.
@Suite(.timeLimit(.minutes(1))) struct ImmediateCallsTests {
  private static let valueSizes = [
    0, 1, 2, 126, 127, 128, 129, 16_382, 16_383, 16_384, 16_385, 65_536, (1 << 21) - 1, 1 << 21, 4_194_280, 4_194_304,
  ]

  private static func value(_ size: Int) -> SecretBytes {
    SecretBytes((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ size) })
  }

  private let ways = TwoWays(values: ["k": SecretBytes("value"), "empty": SecretBytes("")])

  /// Both ways' frames for `bytes`, which have to be the same, and how many calls reached the handler of the quick one.
  private func same(
    _ bytes: [UInt8], _ count: Int, _ ways: TwoWays? = nil
  ) async throws -> (frames: [[UInt8]], handled: Int) {
    let answers = try await (ways ?? self.ways).answers(to: bytes, count: count)
    #expect(answers.memory.count == count)
    #expect(answers.memory == answers.handlers)
    return (answers.memory, answers.handled[0])
  }

  @Test("values of every size come in the same frames", arguments: valueSizes)
  func sizes(size: Int) async throws {
    let ways = TwoWays(values: ["k": Self.value(size)])
    let bytes = TwoWays.get(1, "k") + TwoWays.get(3, "k")
    let (_, handled) = try await same(bytes, 2, ways)
    #expect(handled == (size > 0 && size < 1 << 21 ? 0 : 2))
  }

  @Test("a hundred calls in one go are answered in order from memory, in between those that need handlers")
  func mixed() async throws {
    var bytes: [UInt8] = []
    for index in 0..<100 as Range<UInt32> {
      bytes += TwoWays.get(index * 2 + 1, index % 10 == 3 ? "missing" : index % 10 == 7 ? "empty" : "k")
    }
    let (frames, handled) = try await same(bytes, 100)
    #expect(frames.map { FrameHeader($0.span.bytes, at: 0).streamID } == (0..<100).map { $0 * 2 + 1 })
    #expect(handled == 20)
  }

  @Test("stream ids keep their rules whichever way went before")
  func streamIDs() async throws {
    let bytes =
      TwoWays.get(1, "k") + TwoWays.get(2, "k") + TwoWays.get(1, "k") + TwoWays.get(7, "k") + TwoWays.get(5, "k")
      + TwoWays.get(7, "missing") + TwoWays.get(9, "missing") + TwoWays.get(9, "k") + TwoWays.get(0, "k")
      + TwoWays.get(.max, "k") + TwoWays.get(.max, "k") + TwoWays.get(11, "k")
    let (_, handled) = try await same(bytes, 12)
    #expect(handled == 1)
  }

  @Test(
    "a frame whose flags say that it is no unary call is not answered from memory", arguments: [1, 2, 3, 4, 8, 255])
  func flags(flags: UInt8) async throws {
    _ = try await same(TwoWays.get(1, "k", flags: flags) + TwoWays.get(3, "k"), 2)
  }

  @Test("frames of other kinds are none of its business", arguments: [2, 3, 0, 9])
  func kinds(kind: UInt8) async throws {
    var other = TwoWays.get(1, "k")
    other[8] = kind
    // Data is answered, and what is unknown is not.
    _ = try await same(other + TwoWays.get(3, "k"), kind == 3 ? 2 : 1)
  }

  @Test("an x-workload-token, no authorization, or a wrong one are the handlers' to judge, and two nobody's")
  func metadata() async throws {
    let cases: [[(String, String)]] = [
      TwoWays.good + [("x-workload-token", "w")], [("x-workload-token", "")] + TwoWays.good, [],
      [("authorization", "")], [("authorization", "Bearer bad")], [("Authorization", "Bearer good")],
    ]
    for metadata in cases {
      let (_, handled) = try await same(TwoWays.get(1, "k", metadata: metadata), 1)
      #expect(handled == 1, "\(metadata)")
    }
    let other = [("authorization", "Bearer bad")]
    for metadata in [TwoWays.good + other, other + TwoWays.good, [("authorization", "")] + TwoWays.good] {
      let (answers, handled) = try await same(TwoWays.get(1, "k", metadata: metadata), 1)
      let text = String(decoding: answers.first ?? [], as: UTF8.self)
      #expect(text.contains("more than one authorization") && handled == 0, "\(metadata)")
    }
    let (_, handled) = try await same(TwoWays.get(1, "k", metadata: [("a", "b")] + TwoWays.good + [("", "")]), 1)
    #expect(handled == 0)
  }

  @Test("a deadline is no hindrance unless it has passed")
  func timeouts() async throws {
    let bytes = TwoWays.get(1, "k", timeout: .max) + TwoWays.get(3, "k", timeout: 1) + TwoWays.get(5, "k", timeout: -1)
    let (_, handled) = try await same(bytes + TwoWays.get(7, "k", timeout: .min), 4)
    #expect(handled == 0)
  }

  @Test("a bound connection is answered from memory once it is bound, and not before")
  func bound() async throws {
    let bytes =
      TwoWays.get(1, "k", metadata: []) + Wire.request(3, "Authenticate", service: TwoWays.service)
      + TwoWays.get(5, "k", metadata: []) + TwoWays.get(7, "k", metadata: [("authorization", "Bearer bad")])
      + TwoWays.get(9, "k", metadata: [])
    let (_, handled) = try await same(bytes, 5)
    #expect(handled == 2)
  }

  @Test("names that are not quite right are answered as by the handlers")
  func names() async throws {
    let payload = Wire.field(1, "s") + Wire.field(2, "k")
    func request(_ id: UInt32, _ service: [UInt8], _ method: [UInt8], _ payload: [UInt8]) -> [UInt8] {
      let entry = Wire.field(5, Wire.field(1, "authorization") + Wire.field(2, "Bearer good"))
      return Wire.frame(
        id, kind: 1, Wire.field(1, service) + Wire.field(2, method) + Wire.field(3, payload) + entry)
    }
    let service = Array(TwoWays.service.utf8)
    let method = Array("GetSecret".utf8)
    let bytes =
      request(1, service + [0], method, payload) + request(3, service, method + [0], payload)
      + request(5, [0xFF], method, payload) + request(7, service, [0xFF], payload)
      + request(9, service, Array("getSecret".utf8), payload) + request(11, service, method, [0x0A])
      + request(13, service, method, []) + request(15, service, method, Wire.field(1, "s"))
      + request(17, service, method, payload + Wire.field(3, [UInt8](repeating: 1, count: 65_537)))
      + request(19, service, method, payload)
    _ = try await same(bytes, 10)
  }

  @Test("a text that is no UTF-8 is refused even where a good one follows in its place")
  func replacedText() async throws {
    let entry = Wire.field(5, Wire.field(1, "authorization") + Wire.field(2, "Bearer good"))
    let call = Wire.field(3, Wire.field(1, "s") + Wire.field(2, "k")) + entry
    let names = Wire.field(1, TwoWays.service) + Wire.field(2, "GetSecret")
    let bytes =
      Wire.frame(1, kind: 1, Wire.field(1, [0xFF]) + names + call)
      + Wire.frame(3, kind: 1, Wire.field(2, [0xFF]) + names + call)
      + Wire.frame(
        5, kind: 1, names + Wire.field(3, Wire.field(1, [0xFF]) + Wire.field(1, "s") + Wire.field(2, "k")) + entry)
    _ = try await same(bytes, 3)
  }

  @Test("an answer past the limit of a message or of unsent bytes is refused")
  func limits() async throws {
    var ways = TwoWays(values: ["k": Self.value(5_000), "small": Self.value(4_000)])
    ways.limits.messageBytes = 4_096
    let bytes = TwoWays.get(1, "k") + TwoWays.get(3, "small")
    let (_, handled) = try await same(bytes, 2, ways)
    #expect(handled == 1)
    ways = TwoWays(values: ["k": Self.value(5_000), "small": Self.value(4_000)])
    ways.limits.unsentBytes = 4_500
    _ = try await same(bytes, 2, ways)
  }

  @Test("calls that run do not hold up those that are answered from memory")
  func overtaking() async throws {
    let gate = Gate()
    let service = MemoryService(["k": SecretBytes("value")], isImmediate: true, gate: gate)
    let server = try TestServer(dispatcher: FederationDispatcher(service: service))
    let peer = try await server.rawPeer(greeting: TwoWays.get(1, "wait") + TwoWays.get(3, "k"))
    #expect(await peer.next() == .success(3, Wire.field(1, "value")))
    gate.open()
    #expect(await peer.next() == .success(1, Wire.field(1, "waited")))
    await server.stop()
  }

  @Test("a draining connection refuses even what is in memory")
  func draining() async throws {
    let gate = Gate()
    let service = MemoryService(["k": SecretBytes("value")], isImmediate: true, gate: gate)
    let server = try TestServer(dispatcher: FederationDispatcher(service: service))
    let idle = try await server.rawPeer(greeting: TwoWays.get(1, "k"))
    #expect(await idle.next() == .success(1, Wire.field(1, "value")))
    let busy = try await server.rawPeer(greeting: TwoWays.get(1, "wait"))
    #expect(await gate.next(1) == [.arrived("wait")])
    async let over: Void = server.group.shutDown(graceSeconds: 30)
    #expect(await idle.next() == nil)
    busy.send(TwoWays.get(3, "k"))
    #expect(await busy.next()?.code == .unavailable)
    gate.open()
    #expect(await busy.next() == .success(1, Wire.field(1, "waited")))
    #expect(await busy.next() == nil)
    await over
    await server.clientGroup.shutDown(graceSeconds: 1)
  }
}
