import FederationAPI
import FederationProto

/// `grpc.health.v1.Health`: serving while the port is open, and not serving to those who watch once it drains.
///
/// Source: grpc/grpc, doc/health-checking.md.
public struct HealthService: GRPCStreamingService {
  /// The service's full proto name.
  public static let name = "grpc.health.v1.Health"

  enum Status: UInt64 {
    case serving = 1
    case notServing = 2
    case serviceUnknown = 3

    var message: [UInt8] {
      var writer = MessageWriter()
      writer.append(1, number: rawValue)
      return writer.bytes
    }
  }

  private let services: Set<String>

  /// Answers for `services`, by full name, and for the whole server.
  public init(services: Set<String>) { self.services = services.union([""]) }

  /// `Check` and `Watch`.
  public func call(_ method: String) -> (any GRPCStreamingHandler)? {
    switch method {
    case "Check": HealthCall(services, watches: false)
    case "Watch": HealthCall(services, watches: true)
    default: nil
    }
  }
}

/// One Check or Watch.
private final class HealthCall: GRPCStreamingHandler {
  private let services: Set<String>
  private let watches: Bool
  private var asked: String?

  init(_ services: Set<String>, watches: Bool) {
    self.services = services
    self.watches = watches
  }

  func received(_ message: RawSpan, on call: GRPCResponder) throws(RPCError) {
    guard asked == nil else { throw RPCError(.internal, "this call takes exactly one message") }
    asked = try service(message)
  }

  func inputEnded(on call: GRPCResponder) throws(RPCError) {
    guard let asked else { throw RPCError(.internal, "this call takes exactly one message") }
    let isKnown = services.contains(asked)
    guard watches || isKnown else { throw RPCError(.notFound, "unknown service") }
    try call.send((isKnown ? HealthService.Status.serving : .serviceUnknown).message)
    if !watches { call.finish() }
  }

  func drain(on call: GRPCResponder) {
    guard watches, asked != nil else { return }
    try? call.send(HealthService.Status.notServing.message)
    call.finish(RPCError(.unavailable, "server is shutting down; retry on another connection"))
  }

  private func service(_ message: RawSpan) throws(RPCError) -> String {
    var reader = ProtobufReader(0..<message.byteCount)
    var name = ""
    do {
      while let field = try reader.next(in: message) {
        if field.number == 1, case .bytes(let range) = field.value { name = message.text(range) ?? "" }
      }
    } catch {
      throw RPCError(.invalidArgument, "HealthCheckRequest: \(error)")
    }
    // What no service's name can be is not hashed.
    return name.utf8.count <= 256 ? name : "?"
  }
}
