import FederationAPI
import FederationProto

/// `grpc.reflection.v1.ServerReflection`, and `v1alpha`, which differs in its name only.
///
/// Source: grpc/grpc, doc/server-reflection.md.
public struct ReflectionService: GRPCStreamingService {
  /// The full proto names under which it is known.
  public static let names = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"]

  private let index: DescriptorIndex

  /// Tells of the services in an encoded `google.protobuf.FileDescriptorSet`.
  public init(encodedSet: [UInt8] = FileDescriptors.encodedSet) { index = DescriptorIndex(encodedSet: encodedSet) }

  /// The full names of the services that it tells of.
  public var services: [String] { index.services }

  /// `ServerReflectionInfo`.
  public func call(_ method: String) -> (any GRPCStreamingHandler)? {
    method == "ServerReflectionInfo" ? ReflectionCall(index) : nil
  }
}

private final class ReflectionCall: GRPCStreamingHandler {
  private let index: DescriptorIndex

  init(_ index: DescriptorIndex) { self.index = index }

  func received(_ message: RawSpan, on call: GRPCResponder) throws(RPCError) {
    var answer = MessageWriter()
    let original = message.withUnsafeBytes { Array($0) }
    var reader = ProtobufReader(0..<message.byteCount)
    var outcome: (field: UInt8, bytes: [UInt8]) = ReflectionCall.failure(.invalidArgument, "nothing is asked for")
    do {
      while let field = try reader.next(in: message) {
        guard case .bytes(let range) = field.value else { continue }
        // A longer name is none, and is not hashed.
        let text = range.count <= 512 ? message.text(range) ?? "" : ""
        if field.number == 1 {
          answer.append(1, Array(original[range]))
        } else {
          outcome = self.outcome(field.number, text) ?? outcome
        }
      }
    } catch {
      throw RPCError(.invalidArgument, "ServerReflectionRequest: \(error)")
    }
    answer.append(2, original)
    answer.append(outcome.field, outcome.bytes)
    try call.send(answer.bytes)
  }

  func inputEnded(on call: GRPCResponder) throws(RPCError) { call.finish() }

  /// The response's member of `message_response` for the request's member `number`.
  private func outcome(_ number: Int, _ text: String) -> (field: UInt8, bytes: [UInt8])? {
    switch number {
    case 3: return file(text) ?? ReflectionCall.failure(.notFound, "no such file")
    case 4: return index.symbols[text].flatMap { file($0) } ?? ReflectionCall.failure(.notFound, "no such symbol")
    // proto3 has no extensions.
    case 5, 6: return ReflectionCall.failure(.notFound, "no such extension")
    case 7:
      var list = MessageWriter()
      for service in index.services {
        var entry = MessageWriter()
        entry.append(1, service.utf8)
        list.append(1, entry.bytes)
      }
      return (6, list.bytes)
    default: return nil
    }
  }

  private func file(_ name: String) -> (field: UInt8, bytes: [UInt8])? {
    guard let file = index.files[name] else { return nil }
    var response = MessageWriter()
    response.append(1, file)
    return (4, response.bytes)
  }

  private static func failure(_ code: StatusCode, _ message: String) -> (field: UInt8, bytes: [UInt8]) {
    var error = MessageWriter()
    error.append(1, number: UInt64(code.rawValue))
    error.append(2, message.utf8)
    return (7, error.bytes)
  }
}
