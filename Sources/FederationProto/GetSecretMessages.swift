import CFederationProto
import FederationAPI

extension GetSecretRequest {
  /// Decodes `federation.v1.GetSecretRequest`.
  ///
  /// Fails with INVALID_ARGUMENT naming what is malformed, and with RESOURCE_EXHAUSTED when `ca_crt` is over
  /// ``Limits/caCertificates``. Empty and long names pass: who may know what is wrong with them is the service's
  /// to decide, after authentication.
  public init(protobuf payload: RawSpan) throws(RPCError) {
    self = try decoded(Federation__V1__GetSecretRequest.self, from: payload) { message throws(RPCError) in
      GetSecretRequest(
        store: String(cString: message.pointee.store),
        name: String(cString: message.pointee.name),
        caCertificates: try boundedCertificates(message.pointee.ca_crt),
        asksBackend: message.pointee.no_cache != 0)
    }
  }

  /// Encodes `federation.v1.GetSecretRequest`; fails with INVALID_ARGUMENT when a name holds a NUL.
  public func protobuf() throws(RPCError) -> [UInt8] {
    try withCStrings(("store", store), ("name", name)) { store, name in
      caCertificates.withUnsafeBufferPointer { certificates in
        var message = Federation__V1__GetSecretRequest.make()
        message.store = store
        message.name = name
        message.ca_crt = binary(certificates)
        message.no_cache = asksBackend ? 1 : 0
        return encoded(&message)
      }
    }
  }
}

/// `federation.v1.GetSecretResponse`.
public enum GetSecretResponse {
  /// Encodes a value, and how many seconds it is past its time. The array holds the secret: the wire wipes it after
  /// sending.
  public static func protobuf(value: SecretBytes, staleSeconds: UInt32? = nil) -> [UInt8] {
    value.withBytes { bytes in
      bytes.withUnsafeBytes { raw in
        var message = Federation__V1__GetSecretResponse.make()
        message.value = binary(raw.assumingMemoryBound(to: UInt8.self))
        message.stale_seconds = staleSeconds ?? 0
        return encoded(&message)
      }
    }
  }

  /// Decodes a value; the copies made on the way are wiped. `noteStale` is told how many seconds it is past its time.
  public static func value(
    protobuf payload: RawSpan, noteStale: (UInt32) -> Void = { _ in }
  ) throws(RPCError) -> SecretBytes {
    try decoded(Federation__V1__GetSecretResponse.self, from: payload) { message throws(RPCError) in
      let value = message.pointee.value
      if message.pointee.stale_seconds > 0 { noteStale(message.pointee.stale_seconds) }
      return SecretBytes(UnsafeRawBufferPointer(start: value.data, count: value.len).bytes)
    }
  }
}
