import FederationAPI
import FederationProto

extension FuzzTarget {
  /// What a client reads of a server's answers.
  static let protobufAnswers = FuzzTarget("protobuf-answers") { bytes in
    try comesBack(
      bytes,
      { bytes throws(RPCError) in
        try Aged { note throws(RPCError) in try GetSecretResponse.value(protobuf: bytes, noteStale: note) }
      }
    ) { GetSecretResponse.protobuf(value: $0.value, staleSeconds: $0.staleSeconds) }
    try comesBack(bytes, AuthenticateResponse.init(protobuf:)) { try $0.protobuf() }
    try comesBack(bytes, GenerateResponse.values(protobuf:)) { try GenerateResponse.protobuf(values: $0) }
    try comesBack(
      bytes,
      { bytes throws(RPCError) in
        try Aged { note throws(RPCError) in try ResolveExternalSecretResponse.data(protobuf: bytes, noteStale: note) }
      }
    ) { ResolveExternalSecretResponse.protobuf(data: $0.value, staleSeconds: $0.staleSeconds) }
    try comesBack(bytes, { bytes throws(RPCError) in try BatchGetSecretsResponse.results(protobuf: bytes) }) {
      BatchGetSecretsResponse.protobuf(results: $0)
    }
    try comesBack(bytes, WatchSecretsEvent.init(protobuf:)) { $0.protobuf() }
  }
}

/// What an answer gives, with the age that it tells.
private struct Aged<Value: Equatable>: Equatable {
  let value: Value
  let staleSeconds: UInt32?

  init(_ read: ((UInt32) -> Void) throws(RPCError) -> Value) throws(RPCError) {
    var told: UInt32?
    value = try read { told = $0 }
    staleSeconds = told
  }
}
