import CFederationProto
import FederationAPI

extension BatchGetSecretsRequest {
  /// What protobuf-c needs for the bookkeeping of as many references, or results, as one message may have.
  static let itemBytes = 160 * Limits.batchedSecrets

  /// Decodes `federation.v1.BatchGetSecretsRequest`; an empty property or version is none.
  ///
  /// Fails as ``GetSecretRequest/init(protobuf:)`` does, and with INVALID_ARGUMENT for more references than
  /// ``Limits/batchedSecrets``, before memory is taken for them.
  public init(protobuf payload: RawSpan) throws(RPCError) {
    guard countedItems(in: payload) <= Limits.batchedSecrets else {
      throw RPCError(
        .invalidArgument, "BatchGetSecretsRequest: secrets has more than \(Limits.batchedSecrets) references")
    }
    self = try decoded(
      Federation__V1__BatchGetSecretsRequest.self, from: payload, itemBytes: Self.itemBytes
    ) { message throws(RPCError) in
      var secrets: [SecretReference] = []
      secrets.reserveCapacity(message.pointee.n_secrets)
      for secret in UnsafeBufferPointer(start: message.pointee.secrets, count: message.pointee.n_secrets) {
        guard let secret = secret?.pointee else { continue }
        secrets.append(
          SecretReference(
            store: String(cString: secret.store), key: String(cString: secret.name),
            property: nonEmpty(secret.property), version: nonEmpty(secret.version)))
      }
      return BatchGetSecretsRequest(
        secrets: secrets, caCertificates: try boundedCertificates(message.pointee.ca_crt))
    }
  }

  /// Encodes `federation.v1.BatchGetSecretsRequest`; fails with INVALID_ARGUMENT when a name holds a NUL.
  public func protobuf() throws(RPCError) -> [UInt8] {
    var size = caCertificates.isEmpty ? 0 : ProtobufWriter.fieldSize(caCertificates.count)
    for secret in secrets {
      for (field, text) in secret.fields where text.utf8.contains(0) {
        throw RPCError(.invalidArgument, "\(field) must not hold a NUL character")
      }
      size += ProtobufWriter.fieldSize(secret.size)
    }
    var writer = ProtobufWriter(count: size)
    for secret in secrets {
      writer.begin(1, count: secret.size)
      for (index, field) in secret.fields.enumerated() { writer.append(UInt8(index + 1), field.text) }
    }
    if !caCertificates.isEmpty { writer.append(2, caCertificates.span.bytes) }
    return writer.bytes
  }
}

extension SecretReference {
  /// In the order of their numbers.
  fileprivate var fields: [(name: String, text: String)] {
    [("store", store), ("name", key), ("property", property ?? ""), ("version", version ?? "")]
  }

  fileprivate var size: Int { fields.reduce(0) { $0 + ProtobufWriter.fieldSize($1.text) } }
}

/// `federation.v1.BatchGetSecretsResponse`.
public enum BatchGetSecretsResponse {
  /// Encodes results in order. The array holds secrets: the wire wipes it after sending.
  public static func protobuf(results: [Result<SecretBytes, RPCError>]) -> [UInt8] {
    var writer = ProtobufWriter(count: results.reduce(0) { $0 + ProtobufWriter.fieldSize(size($1)) })
    for result in results {
      writer.begin(1, count: size(result))
      switch result {
      // A member of a oneof is there although it is empty.
      case .success(let value): value.withBytes { writer.append(1, $0) }
      case .failure(let error):
        writer.begin(2, count: size(error))
        writer.append(1, varint: UInt64(error.code.rawValue))
        writer.append(2, error.message)
      }
    }
    return writer.bytes
  }

  private static func size(_ result: Result<SecretBytes, RPCError>) -> Int {
    switch result {
    case .success(let value): ProtobufWriter.fieldSize(value.count)
    case .failure(let error): ProtobufWriter.fieldSize(size(error))
    }
  }

  private static func size(_ error: RPCError) -> Int {
    1 + ProtobufWriter.varintSize(UInt64(error.code.rawValue)) + ProtobufWriter.fieldSize(error.message)
  }

  /// Decodes results; the copies made on the way are wiped. A code that this version does not know is UNKNOWN, and so is
  /// a result that is neither value nor error.
  public static func results(protobuf payload: RawSpan) throws(RPCError) -> [Result<SecretBytes, RPCError>] {
    try decoded(
      Federation__V1__BatchGetSecretsResponse.self, from: payload, itemBytes: BatchGetSecretsRequest.itemBytes
    ) { message throws(RPCError) in
      UnsafeBufferPointer(start: message.pointee.results, count: message.pointee.n_results).map(result)
    }
  }

  private static func result(
    _ message: UnsafeMutablePointer<Federation__V1__BatchGetSecretsResponse__Result>?
  ) -> Result<SecretBytes, RPCError> {
    switch message?.pointee.outcome_case {
    case FEDERATION__V1__BATCH_GET_SECRETS_RESPONSE__RESULT__OUTCOME_VALUE:
      let value = message?.pointee.value ?? ProtobufCBinaryData()
      return .success(SecretBytes(UnsafeRawBufferPointer(start: value.data, count: value.len).bytes))
    case FEDERATION__V1__BATCH_GET_SECRETS_RESPONSE__RESULT__OUTCOME_ERROR:
      let error = message?.pointee.error?.pointee
      let code = StatusCode(rawValue: UInt32(bitPattern: error?.code ?? 0)) ?? .unknown
      return .failure(RPCError(code == .ok ? .unknown : code, error?.message.map { String(cString: $0) } ?? ""))
    default:
      return .failure(RPCError(.unknown, "the server's answer has a result that is neither value nor error"))
    }
  }
}

/// How many messages stand in field 1; what follows bytes that are no field is not counted.
private func countedItems(in payload: RawSpan) -> Int {
  var reader = ProtobufReader(0..<payload.byteCount)
  var count = 0
  while let field = try? reader.next(in: payload) {
    if field.number == 1 { count += 1 }
  }
  return count
}

private func nonEmpty(_ text: UnsafeMutablePointer<CChar>?) -> String? {
  guard let text, text.pointee != 0 else { return nil }
  return String(cString: text)
}
