import FederationAPI

@testable import GRPC

extension FuzzTarget {
  /// The messages of a call, gzip ones too, are the same however their bytes come, and keep the limit.
  static let grpcMessages = FuzzTarget("grpc-messages") { bytes in
    let whole = try messages([bytes])
    let split = try messages(pieces(of: bytes))
    try hold(whole == split, "messages do not depend on how their bytes come: \(whole) and \(split)")
  }

  private static func messages(_ pieces: [[UInt8]]) throws -> [Result<[UInt8], RPCError>] {
    var reader = MessageReader(maximum: 2_048)
    reader.acceptsGzip = true
    var messages: [Result<[UInt8], RPCError>] = []
    for piece in pieces {
      do throws(RPCError) {
        try reader.append(piece.span.bytes)
        while let message = try reader.next() { messages.append(.success(message)) }
      } catch {
        return messages + [.failure(error)]
      }
      try hold(reader.unfinished <= 2_048 + 5, "no more is kept than one message")
    }
    for case .success(let message) in messages { try hold(message.count <= 2_048, "messages are bounded") }
    return messages
  }
}
