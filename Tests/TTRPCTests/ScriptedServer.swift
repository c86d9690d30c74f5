import Logging
import Synchronization
import Transport

@testable import TTRPC

/// A server that does with each frame what a test says, so that a test can break every rule on this side too.
struct ScriptedServer {
  typealias Script = @Sendable (_ header: FrameHeader, _ data: [UInt8], _ connection: Connection) -> Void

  let group: EventLoopGroup
  let clientGroup: EventLoopGroup
  let target: DialTarget

  init(_ script: @escaping Script) throws {
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    clientGroup = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let port = try group.listen(host: "127.0.0.1", port: 0, tls: nil) { _ in ScriptHandler(script) }.port
    target = DialTarget(host: "127.0.0.1", port: port, tls: nil)
  }

  func client(limits: TTRPCLimits = .client) async throws -> TTRPCClient {
    try await TTRPCClient.connect(target, group: clientGroup, limits: limits)
  }

  func stop() async {
    await clientGroup.shutDown(graceSeconds: 1)
    await group.shutDown(graceSeconds: 1)
  }

  private final class ScriptHandler: ConnectionHandler {
    private let script: Script
    private var reader = FrameReader(maximumLength: .max)
    init(_ script: @escaping Script) { self.script = script }
    func opened(_ connection: Connection) {}
    func receive(_ bytes: RawSpan, on connection: Connection) -> Int {
      var offset = 0
      while case .frame(let header, let range) = reader.next(in: bytes, at: &offset) {
        script(header, bytes.extracting(range).withUnsafeBytes { Array($0) }, connection)
      }
      return offset
    }
    func inputEnded(on connection: Connection) { connection.close(.peerClosed) }
    func outputDrained(on connection: Connection) {}
    func timerFired(_ tag: UInt64, on connection: Connection) {}
    func drain(on connection: Connection) { connection.close(.draining) }
    func closed(_ connection: Connection, reason: CloseReason) {}
  }
}
