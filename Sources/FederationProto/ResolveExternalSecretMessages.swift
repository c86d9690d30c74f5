import CFederationProto
import FederationAPI

extension ResolveExternalSecretRequest {
  /// Decodes `federation.v1.ResolveExternalSecretRequest`; fails as ``GetSecretRequest/init(protobuf:)`` does.
  public init(protobuf payload: RawSpan) throws(RPCError) {
    self = try decoded(Federation__V1__ResolveExternalSecretRequest.self, from: payload) { message throws(RPCError) in
      ResolveExternalSecretRequest(
        store: String(cString: message.pointee.store), data: bytes(message.pointee.data_json),
        dataFrom: bytes(message.pointee.data_from_json),
        caCertificates: try boundedCertificates(message.pointee.ca_crt))
    }
  }

  /// Encodes `federation.v1.ResolveExternalSecretRequest`; fails with INVALID_ARGUMENT when the store's name holds a NUL.
  public func protobuf() throws(RPCError) -> [UInt8] {
    guard !store.utf8.contains(0) else { throw RPCError(.invalidArgument, "store must not hold a NUL character") }
    let parts = [data, dataFrom, caCertificates]
    let size = parts.reduce(ProtobufWriter.fieldSize(store)) {
      $0 + ($1.isEmpty ? 0 : ProtobufWriter.fieldSize($1.count))
    }
    var writer = ProtobufWriter(count: size)
    writer.append(1, store)
    for (index, part) in parts.enumerated() where !part.isEmpty { writer.append(UInt8(index + 2), part.span.bytes) }
    return writer.bytes
  }
}

/// `federation.v1.ResolveExternalSecretResponse`.
public enum ResolveExternalSecretResponse {
  /// Encodes values by key, keys in byte order, and how many seconds the oldest that was read is past its time. The
  /// array holds secrets: the wire wipes it after sending.
  public static func protobuf(data: [String: SecretBytes], staleSeconds: UInt32? = nil) -> [UInt8] {
    ValuesByKey.protobuf(data, staleSeconds: staleSeconds)
  }

  /// Decodes values by key; the copies made on the way are wiped. `noteStale` is told how many seconds the oldest is past
  /// its time.
  public static func data(
    protobuf payload: RawSpan, noteStale: (UInt32) -> Void = { _ in }
  ) throws(RPCError) -> [String: SecretBytes] {
    try decoded(
      Federation__V1__ResolveExternalSecretResponse.self, from: payload, itemBytes: 2 << 20
    ) { message throws(RPCError) in
      if message.pointee.stale_seconds > 0 { noteStale(message.pointee.stale_seconds) }
      return ValuesByKey.values(message.pointee.data, count: message.pointee.n_data)
    }
  }
}

private func bytes(_ field: ProtobufCBinaryData) -> [UInt8] {
  [UInt8](UnsafeBufferPointer(start: field.data, count: field.len))
}
