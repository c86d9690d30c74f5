import FederationAPI
import Gateway
import HTTP1
import Logging
import Synchronization

/// Asks a gateway in process and shows the answer as a client would see it.
struct GatewayDriver {
  struct Answer: Equatable {
    var status: Int
    var body: String
    var contentType: String?
    var cacheControl: String?
    var allow: String?
    var requestID: String?
  }

  let service: FakeFederationService
  private let lines = LogLines()

  init(_ service: FakeFederationService = FakeFederationService()) { self.service = service }

  /// Every log line so far.
  var log: [String] { lines.all }

  func ask(
    _ method: String, _ target: String, fields: [(String, String)] = [("authorization", "Bearer t")],
    body: [UInt8] = Array("{}".utf8)
  ) async -> Answer {
    let head = HTTPRequestHead(
      method: method, target: target,
      fields: HTTPFields(fields.map { HTTPFields.Field(name: $0.0, value: $0.1) }))
    let reply = gateway.respond(to: HTTPServerRequest(head: head, body: body), peer: "127.0.0.1:1")
    switch reply {
    case .ready(let response): return Self.answer(response)
    case .pending(let work): return Self.answer(await work())
    }
  }

  func ask(_ method: String, _ target: String, body: String) async -> Answer {
    await ask(method, target, body: Array(body.utf8))
  }

  var gateway: FederationGateway { FederationGateway(service: service, log: Log(level: .debug, sink: lines.sink)) }

  static func answer(_ response: HTTPServerResponse) -> Answer {
    let body = response.body.withBytes { bytes in bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    return Answer(
      status: response.status, body: body, contentType: response["content-type"],
      cacheControl: response["cache-control"], allow: response["allow"], requestID: response["x-request-id"])
  }
}

private final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  var sink: @Sendable (String) -> Void { { line in self.lines.withLock { $0.append(line) } } }
}
