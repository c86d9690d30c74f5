import FederationAPI
import FederationProto

extension FuzzTarget {
  /// What a client reads of a server's answers.
  static let protobufAnswers = FuzzTarget("protobuf-answers") { bytes in
    try comesBack(bytes, GetSecretResponse.value(protobuf:)) { GetSecretResponse.protobuf(value: $0) }
    try comesBack(bytes, AuthenticateResponse.init(protobuf:)) { try $0.protobuf() }
    try comesBack(bytes, GenerateResponse.values(protobuf:)) { try GenerateResponse.protobuf(values: $0) }
    try comesBack(bytes, ResolveExternalSecretResponse.data(protobuf:)) {
      ResolveExternalSecretResponse.protobuf(data: $0)
    }
    try comesBack(bytes, BatchGetSecretsResponse.results(protobuf:)) { BatchGetSecretsResponse.protobuf(results: $0) }
    try comesBack(bytes, WatchSecretsEvent.init(protobuf:)) { $0.protobuf() }
  }
}
