import FederationAPI
import FederationProto
import Logging
import Synchronization
import TTRPC
import Transport

/// A ttrpc server on a loopback port whose dispatcher knows a few methods:
///
/// `Echo` answers its payload at once, `Later` from a task, `Wait` when the gate opens, `Size` as many bytes as
/// its payload says in decimal, `WaitSize` the same when the gate opens (`4096:name`), `Context` tells its call context, `Fail` fails.
struct TestServer {
  let group: EventLoopGroup
  let clientGroup: EventLoopGroup
  let port: UInt16
  let gate: Gate
  let log: LogLines

  init(
    limits: TTRPCLimits = TTRPCLimits(), transport: ListenerLimits = ListenerLimits(),
    dispatcher: (any RPCDispatcher)? = nil
  ) throws {
    let gate = Gate()
    let lines = LogLines()
    let log = Log(level: .debug) { lines.append($0) }
    group = try EventLoopGroup(loops: 1, log: log)
    clientGroup = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let dispatcher = dispatcher ?? TestDispatcher(gate: gate)
    port = try group.listen(host: "127.0.0.1", port: 0, tls: nil, limits: transport) { _ in
      TTRPCServerConnection(dispatcher: dispatcher, limits: limits, log: log)
    }.port
    self.gate = gate
    self.log = lines
  }

  var target: DialTarget { DialTarget(host: "127.0.0.1", port: port, tls: nil) }

  func client(limits: TTRPCLimits = .client) async throws(RPCError) -> TTRPCClient {
    try await TTRPCClient.connect(target, group: clientGroup, limits: limits)
  }

  func rawPeer(greeting: [UInt8] = []) async throws(RPCError) -> RawPeer {
    try await RawPeer.connect(target, group: clientGroup, greeting: greeting)
  }

  func stop() async {
    gate.open()
    await clientGroup.shutDown(graceSeconds: 1)
    await group.shutDown(graceSeconds: 1)
  }
}

/// What a log wrote.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])
  func append(_ line: String) { lines.withLock { $0.append(line) } }
  func contains(_ text: String) -> Bool { lines.withLock { $0.contains { $0.contains(text) } } }
}

struct TestDispatcher: RPCDispatcher {
  let gate: Gate

  func call(service: String, method: String, payload: RawSpan, context: CallContext) -> Reply<[UInt8]> {
    guard service == "test.Service" else { return .ready(.failure(RPCError(.unimplemented, "service \(service)"))) }
    let bytes = payload.withUnsafeBytes { Array($0) }
    let text = String(decoding: bytes, as: UTF8.self)
    switch method {
    case "Echo": return .ready(.success(bytes))
    case "Later": return .pending { .success(bytes) }
    case "Wait":
      return .pending {
        await gate.wait(text)
        return .success(bytes)
      }
    case "WaitSize":
      return .pending {
        await gate.wait(text)
        return .success([UInt8](repeating: 0x5A, count: text.split(separator: ":").first.flatMap { Int($0) } ?? 0))
      }
    case "Size": return .ready(.success([UInt8](repeating: 0x5A, count: Int(text) ?? 0)))
    case "Context":
      let left = context.deadline.map { MonotonicTime.now.nanoseconds(until: $0) / 1_000_000_000 }
      let parts: [String] = [
        context.authorization ?? "none", context.workloadToken ?? "none",
        left.map { "\($0 + 1) s" } ?? "none", context.binding == nil ? "unbound" : "bound",
      ]
      return .ready(.success(Array(parts.joined(separator: "|").utf8)))
    case "Fail": return .ready(.failure(RPCError(.notFound, "no such thing")))
    default: return .ready(.failure(RPCError(.unimplemented, "method \(method)")))
    }
  }
}
