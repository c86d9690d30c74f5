import FederationAPI
import HTTP2
import Logging
import Synchronization
import TestSupport
import Transport

/// A server without TLS on a loopback port whose paths do what their names say.
struct TestServer {
  let group: EventLoopGroup
  let clientGroup: EventLoopGroup
  let port: UInt16
  let happenings = Happenings()

  init(listener: ListenerLimits = ListenerLimits(), _ change: (inout HTTP2Limits) -> Void = { _ in }) throws {
    var limits = HTTP2Limits()
    change(&limits)
    let log = Log(level: .error) { _ in }
    group = try EventLoopGroup(loops: 1, log: log)
    clientGroup = try EventLoopGroup(loops: 1, log: log)
    let (happenings, made) = (happenings, limits)
    port = try group.listen(host: "127.0.0.1", port: 0, tls: nil, limits: listener) { _ in
      HTTP2ServerConnection(application: TestApplication(happenings), limits: made, log: log)
    }.port
  }

  func peer(greeting: [UInt8] = HTTP2Peer.magic + HTTP2Peer.frame(4)) async throws(RPCError) -> HTTP2Peer {
    try await HTTP2Peer.connect(port: port, group: clientGroup, greeting: greeting)
  }

  func stop() async {
    await clientGroup.shutDown(graceSeconds: 0)
    await group.shutDown(graceSeconds: 0)
  }
}

/// What the application saw, in order.
final class Happenings: Sendable {
  private let stream: AsyncStream<String>
  private let continuation: AsyncStream<String>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func note(_ text: String) { continuation.yield(text) }

  /// Waits until `text` was noted.
  func wait(for text: String) async {
    for await happening in stream where happening == text { return }
  }
}

final class TestApplication: HTTP2Application {
  private let happenings: Happenings

  init(_ happenings: Happenings) { self.happenings = happenings }

  func opened(_ connection: Connection) {}

  func handler(for head: HTTP2RequestHead, on stream: HTTP2Stream) -> any HTTP2StreamHandler {
    TestHandler(head.path, happenings)
  }
}

/// `/echo` answers the body; `/wait` answers never, from a task; `/hoard` gives no window; `/size/N` answers N bytes;
/// `/stream` answers chunks for as long as there is room.
private final class TestHandler: HTTP2StreamHandler {
  private let path: String
  private let happenings: Happenings
  private var body: [UInt8] = []

  init(_ path: String, _ happenings: Happenings) {
    self.path = path
    self.happenings = happenings
  }

  func received(_ bytes: RawSpan, on stream: HTTP2Stream) {
    if path == "/hoard" { return }
    stream.consume(bytes.byteCount)
    guard stream.keep(bytes.byteCount) else { return stream.respond(status: 503, [], isLast: true) }
    bytes.withUnsafeBytes { body.append(contentsOf: $0) }
  }

  func inputEnded(on stream: HTTP2Stream) {
    let happenings = happenings
    if path == "/wait" {
      let isRunning = stream.perform({
        happenings.note("running")
        while !Task.isCancelled { await Task.yield() }
        happenings.note("cancelled")
        return true
      }) { _, stream in stream.respond(status: 200, [], isLast: true) }
      if !isRunning { stream.respond(status: 503, [], isLast: true) }
      return
    }
    stream.respond(status: 200, [])
    if path == "/stream" { return produce(stream) }
    let size = path.split(separator: "/").last.flatMap { Int($0) }
    stream.write(size.map { [UInt8](repeating: 7, count: $0) } ?? body)
    stream.end()
  }

  private func produce(_ stream: HTTP2Stream) {
    while !stream.isOutputFull { stream.write([UInt8](repeating: 7, count: 1_000)) }
    happenings.note("full")
  }

  func outputDrained(on stream: HTTP2Stream) { produce(stream) }

  func expired(_ expiry: HTTP2Stream.Expiry, on stream: HTTP2Stream) { stream.respond(status: 408, [], isLast: true) }

  func closed(_ stream: HTTP2Stream) { happenings.note("closed") }
}
