import FederationAPI
import FederationProto
import GRPC
import HTTP1
import HTTP2
import Logging
import TestSupport
import Transport

/// A gRPC server without TLS on a loopback port: `test.Service` echoes, waits, fails and tells its context, and health
/// and reflection are there.
struct TestServer {
  let group: EventLoopGroup
  let clientGroup: EventLoopGroup
  let port: UInt16

  init(limits: GRPCLimits = GRPCLimits()) throws {
    let log = Log(level: .error) { _ in }
    group = try EventLoopGroup(loops: 1, log: log)
    clientGroup = try EventLoopGroup(loops: 1, log: log)
    let reflection = ReflectionService()
    let health = HealthService(services: Set(reflection.services))
    let services: [String: any GRPCStreamingService] = [
      HealthService.name: health, ReflectionService.names[0]: reflection, ReflectionService.names[1]: reflection,
    ]
    port = try group.listen(host: "127.0.0.1", port: 0, tls: nil) { _ in
      HTTP2ServerConnection(
        application: GRPCConnection(
          dispatcher: TestDispatcher(), streaming: services, responder: PlainResponder(), limits: limits), log: log)
    }.port
  }

  func client() async throws(RPCError) -> GRPCClient {
    try await GRPCClient.connect(DialTarget(host: "127.0.0.1", port: port, tls: nil), group: clientGroup)
  }

  /// The head and trailers of an answer to a call with any fields and body, by the plain client.
  func ask(
    _ path: String, _ fields: [(String, String)] = [], body: [UInt8] = MessageReaderBytes.empty,
    method: String = "POST",
    contentType: String? = "application/grpc"
  ) async throws -> HTTP2Answer {
    let client = try await HTTP2Client.connect(
      DialTarget(host: "127.0.0.1", port: port, tls: nil), group: clientGroup, answerBytes: 1 << 20)
    var all = [
      (":method", method), (":scheme", "http"), (":path", path), (":authority", "localhost"), ("te", "trailers"),
    ]
    if let contentType { all.append(("content-type", contentType)) }
    let answer = await client.send(
      (all + fields).map { HTTPFields.Field(name: $0.0, value: $0.1) }, body: body,
      deadline: MonotonicTime.now.advanced(bySeconds: 30))
    client.close()
    return try answer.get()
  }

  func stop() async {
    await clientGroup.shutDown(graceSeconds: 0)
    await group.shutDown(graceSeconds: 0)
  }
}

enum MessageReaderBytes {
  static let empty: [UInt8] = [0, 0, 0, 0, 0]
}

private struct TestDispatcher: RPCDispatcher {
  func call(service: String, method: String, payload: RawSpan, context: CallContext) -> Reply<[UInt8]> {
    guard service == "test.Service" else { return .ready(.failure(RPCError(.unimplemented, "service \(service)"))) }
    let bytes = payload.withUnsafeBytes { Array($0) }
    switch method {
    case "Echo": return .ready(.success(bytes))
    case "Later": return .pending { .success(bytes) }
    case "Never":
      // Whatever its task does: it does not even end when it is cancelled, until the sleep does.
      return .pending {
        await Task.detached { try? await Task.sleep(for: .seconds(2)) }.value
        return .success(bytes)
      }
    case "Size":
      let count = Int(String(decoding: bytes, as: UTF8.self)) ?? 0
      return .ready(.success([UInt8](repeating: 0x5A, count: count)))
    case "Context":
      let parts = [
        context.authorization ?? "none", context.workloadToken ?? "none", context.deadline == nil ? "none" : "deadline",
        context.binding == nil ? "unbound" : "bound",
      ]
      return .ready(.success(Array(parts.joined(separator: "|").utf8)))
    default: return .ready(.failure(RPCError(.notFound, "no \"\(method)\" 100% ä")))
    }
  }
}

private struct PlainResponder: HTTPResponder {
  func respond(to request: HTTPServerRequest, peer: String) -> HTTPReply {
    let text =
      "\(request.head.method) \(request.head.target) \(request.head.fields["host"] ?? "") \(request.body.count)"
    return .ready(HTTPServerResponse(status: 200, body: .plain(Array(text.utf8))))
  }
}
