import CFederationProto
import FederationAPI

extension GenerateRequest {
  /// Decodes `federation.v1.GenerateRequest`; fails as ``GetSecretRequest/init(protobuf:)`` does.
  public init(protobuf payload: RawSpan) throws(RPCError) {
    self = try Federation__V1__GenerateRequest.decode(payload, GenerateRequest.init)
  }

  /// Encodes `federation.v1.GenerateRequest`; fails with INVALID_ARGUMENT when a name holds a NUL.
  public func protobuf() throws(RPCError) -> [UInt8] {
    try Federation__V1__GenerateRequest.encode(generator, caCertificates)
  }
}

/// `federation.v1.GenerateResponse`.
public enum GenerateResponse {
  /// Encodes values by output key, keys in byte order. The array holds secrets: the wire wipes it after sending.
  ///
  /// Fails with INTERNAL when a key holds a NUL.
  public static func protobuf(values: [String: SecretBytes]) throws(RPCError) -> [UInt8] {
    guard !values.keys.contains(where: { $0.utf8.contains(0) }) else {
      throw RPCError(.internal, "the generator gave an output key with a NUL character")
    }
    return ValuesByKey.protobuf(values)
  }

  /// Decodes values by output key; the copies made on the way are wiped.
  public static func values(protobuf payload: RawSpan) throws(RPCError) -> [String: SecretBytes] {
    try decoded(Federation__V1__GenerateResponse.self, from: payload) { message throws(RPCError) in
      ValuesByKey.values(message.pointee.values, count: message.pointee.n_values)
    }
  }
}
