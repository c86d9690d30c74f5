import CFederationProto
import FederationAPI

extension RevokeSelfRequest {
  /// Decodes `federation.v1.RevokeSelfRequest`; fails as ``GetSecretRequest/init(protobuf:)`` does.
  public init(protobuf payload: RawSpan) throws(RPCError) {
    self = try Federation__V1__RevokeSelfRequest.decode(payload, RevokeSelfRequest.init)
  }

  /// Encodes `federation.v1.RevokeSelfRequest`; fails with INVALID_ARGUMENT when a name holds a NUL.
  public func protobuf() throws(RPCError) -> [UInt8] {
    try Federation__V1__RevokeSelfRequest.encode(generator, caCertificates)
  }
}

extension RevokeCredentialsRequest {
  /// Decodes `federation.v1.RevokeCredentialsRequest`; fails as ``GetSecretRequest/init(protobuf:)`` does.
  public init(protobuf payload: RawSpan) throws(RPCError) {
    self = try decoded(Federation__V1__RevokeCredentialsRequest.self, from: payload) { message throws(RPCError) in
      RevokeCredentialsRequest(
        namespace: String(cString: message.pointee.namespace_), owner: String(cString: message.pointee.owner),
        caCertificates: try boundedCertificates(message.pointee.ca_crt))
    }
  }

  /// Encodes `federation.v1.RevokeCredentialsRequest`; fails with INVALID_ARGUMENT when a string holds a NUL.
  public func protobuf() throws(RPCError) -> [UInt8] {
    try withCStrings(("namespace", namespace), ("owner", owner)) { namespace, owner in
      caCertificates.withUnsafeBufferPointer { certificates in
        var message = Federation__V1__RevokeCredentialsRequest.make()
        message.namespace_ = namespace
        message.owner = owner
        message.ca_crt = binary(certificates)
        return encoded(&message)
      }
    }
  }
}
