import CFederationProto
import FederationAPI

extension WatchSecretsRequest {
  /// Decodes `federation.v1.WatchSecretsRequest`; an empty property or version is none.
  ///
  /// Fails as ``GetSecretRequest/init(protobuf:)`` does, and with INVALID_ARGUMENT for more references than
  /// ``Limits/watchedSecrets``, before memory is taken for them, and for a token longer than ``Limits/token``.
  public init(protobuf payload: RawSpan) throws(RPCError) {
    guard SecretReference.counted(in: payload) <= Limits.watchedSecrets else {
      throw RPCError(.invalidArgument, "WatchSecretsRequest: secrets has more than \(Limits.watchedSecrets) references")
    }
    self = try decoded(
      Federation__V1__WatchSecretsRequest.self, from: payload, itemBytes: BatchGetSecretsRequest.itemBytes
    ) { message throws(RPCError) in
      let token = message.pointee.token
      guard token.len <= Limits.token else {
        throw RPCError(.invalidArgument, "WatchSecretsRequest: token is longer than \(Limits.token) bytes")
      }
      return WatchSecretsRequest(
        secrets: SecretReference.references(message.pointee.secrets, count: message.pointee.n_secrets),
        afterRevision: message.pointee.after_revision,
        caCertificates: try boundedCertificates(message.pointee.ca_crt),
        token: [UInt8](UnsafeBufferPointer(start: token.data, count: token.len)))
    }
  }

  /// Encodes `federation.v1.WatchSecretsRequest`; fails with INVALID_ARGUMENT when a name holds a NUL.
  public func protobuf() throws(RPCError) -> [UInt8] {
    var size = try SecretReference.size(secrets)
    if !caCertificates.isEmpty { size += ProtobufWriter.fieldSize(caCertificates.count) }
    if afterRevision != 0 { size += 1 + ProtobufWriter.varintSize(afterRevision) }
    if !token.isEmpty { size += ProtobufWriter.fieldSize(token.count) }
    var writer = ProtobufWriter(count: size)
    for secret in secrets { writer.append(1, secret) }
    if !caCertificates.isEmpty { writer.append(2, caCertificates.span.bytes) }
    if afterRevision != 0 { writer.append(3, varint: afterRevision) }
    if !token.isEmpty { writer.append(4, token.span.bytes) }
    return writer.bytes
  }
}

extension WatchSecretsEvent {
  /// Encodes `federation.v1.WatchSecretsResponse`. The array may hold a secret: the wire wipes it after sending.
  public func protobuf() -> [UInt8] {
    var size = 2 + ProtobufWriter.varintSize(UInt64(secret)) + ProtobufWriter.varintSize(revision)
    switch kind {
    case .value(let value): size += ProtobufWriter.fieldSize(value.count)
    case .error(let error): size += ProtobufWriter.fieldSize(error.encodedSize)
    case .heartbeat: size += 2
    }
    if let staleSeconds { size += 1 + ProtobufWriter.varintSize(UInt64(staleSeconds)) }
    var writer = ProtobufWriter(count: size)
    if secret != 0 { writer.append(1, varint: UInt64(secret)) }
    writer.append(2, varint: revision)
    switch kind {
    // A member of a oneof is there although it is empty.
    case .value(let value): value.withBytes { writer.append(3, $0) }
    case .error(let error): writer.append(4, error)
    case .heartbeat: writer.append(5, varint: 1)
    }
    if let staleSeconds { writer.append(6, varint: UInt64(staleSeconds)) }
    return writer.bytes
  }

  /// Decodes `federation.v1.WatchSecretsResponse`; what is no value and no error is a heartbeat, whatever a newer server
  /// meant by it.
  public init(protobuf payload: RawSpan) throws(RPCError) {
    self = try decoded(Federation__V1__WatchSecretsResponse.self, from: payload) { message throws(RPCError) in
      let kind: Kind
      switch message.pointee.event_case {
      case FEDERATION__V1__WATCH_SECRETS_RESPONSE__EVENT_VALUE:
        let value = message.pointee.value
        kind = .value(SecretBytes(UnsafeRawBufferPointer(start: value.data, count: value.len).bytes))
      case FEDERATION__V1__WATCH_SECRETS_RESPONSE__EVENT_ERROR: kind = .error(RPCError(message.pointee.error))
      default: kind = .heartbeat
      }
      let seconds = message.pointee.stale_seconds
      return WatchSecretsEvent(
        secret: message.pointee.secret, revision: message.pointee.revision, kind: kind,
        staleSeconds: seconds > 0 ? seconds : nil)
    }
  }
}
