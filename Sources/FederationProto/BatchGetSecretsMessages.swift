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
    guard SecretReference.counted(in: payload) <= Limits.batchedSecrets else {
      throw RPCError(
        .invalidArgument, "BatchGetSecretsRequest: secrets has more than \(Limits.batchedSecrets) references")
    }
    self = try decoded(
      Federation__V1__BatchGetSecretsRequest.self, from: payload, itemBytes: Self.itemBytes
    ) { message throws(RPCError) in
      BatchGetSecretsRequest(
        secrets: SecretReference.references(message.pointee.secrets, count: message.pointee.n_secrets),
        caCertificates: try boundedCertificates(message.pointee.ca_crt),
        asksBackend: message.pointee.no_cache != 0)
    }
  }

  /// Encodes `federation.v1.BatchGetSecretsRequest`; fails with INVALID_ARGUMENT when a name holds a NUL.
  public func protobuf() throws(RPCError) -> [UInt8] {
    var size = try SecretReference.size(secrets)
    if !caCertificates.isEmpty { size += ProtobufWriter.fieldSize(caCertificates.count) }
    if asksBackend { size += 2 }
    var writer = ProtobufWriter(count: size)
    for secret in secrets { writer.append(1, secret) }
    if !caCertificates.isEmpty { writer.append(2, caCertificates.span.bytes) }
    if asksBackend { writer.append(3, varint: 1) }
    return writer.bytes
  }
}

/// `federation.v1.BatchGetSecretsResponse`.
public enum BatchGetSecretsResponse {
  /// Encodes results in order, and how many seconds they are past their time, as `freshness` was told. The array holds
  /// secrets: the wire wipes it after sending.
  public static func protobuf(
    results: [Result<SecretBytes, RPCError>], freshness: ReadFreshness? = nil
  ) -> [UInt8] {
    let oldest = freshness?.staleSeconds
    // Where nothing is stale no place is looked up.
    func stale(_ place: Int) -> UInt32? { oldest == nil ? nil : freshness?.staleSeconds(at: place) }
    var count = results.indices.reduce(0) { $0 + ProtobufWriter.fieldSize(size(results[$1], stale($1))) }
    if let oldest { count += 1 + ProtobufWriter.varintSize(UInt64(oldest)) }
    var writer = ProtobufWriter(count: count)
    for (place, result) in results.enumerated() {
      let seconds = stale(place)
      writer.begin(1, count: size(result, seconds))
      switch result {
      // A member of a oneof is there although it is empty.
      case .success(let value):
        value.withBytes { writer.append(1, $0) }
        if let seconds { writer.append(3, varint: UInt64(seconds)) }
      case .failure(let error): writer.append(2, error)
      }
    }
    if let oldest { writer.append(2, varint: UInt64(oldest)) }
    return writer.bytes
  }

  private static func size(_ result: Result<SecretBytes, RPCError>, _ staleSeconds: UInt32?) -> Int {
    switch result {
    case .success(let value):
      ProtobufWriter.fieldSize(value.count) + (staleSeconds.map { 1 + ProtobufWriter.varintSize(UInt64($0)) } ?? 0)
    case .failure(let error): ProtobufWriter.fieldSize(error.encodedSize)
    }
  }

  /// Decodes results; the copies made on the way are wiped. A code that this version does not know is UNKNOWN, and so is
  /// a result that is neither value nor error. `noteStale` is told the places of the values that are past their time,
  /// and how many seconds.
  public static func results(
    protobuf payload: RawSpan, noteStale: (Int, UInt32) -> Void = { _, _ in }
  ) throws(RPCError) -> [Result<SecretBytes, RPCError>] {
    try decoded(
      Federation__V1__BatchGetSecretsResponse.self, from: payload, itemBytes: BatchGetSecretsRequest.itemBytes
    ) { message throws(RPCError) in
      let results = UnsafeBufferPointer(start: message.pointee.results, count: message.pointee.n_results)
      for (place, result) in results.enumerated() {
        if let seconds = result?.pointee.stale_seconds, seconds > 0 { noteStale(place, seconds) }
      }
      return results.map(result)
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
      return .failure(RPCError(message?.pointee.error))
    default:
      return .failure(RPCError(.unknown, "the server's answer has a result that is neither value nor error"))
    }
  }
}
