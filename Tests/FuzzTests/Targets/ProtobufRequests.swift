import FederationAPI

@testable import FederationProto

extension FuzzTarget {
  /// What the short way takes, the full reader reads the same; and what is read is written so that it reads the same.
  static let protobufGetSecret = FuzzTarget("protobuf-get-secret") { bytes in
    try comesBack(bytes, GetSecretRequest.init(protobuf:)) { try $0.protobuf() }
    guard let fields = GetSecretFields(bytes.span.bytes) else { return }
    let texts = [fields.store, fields.name].map { String(validating: bytes[$0], as: UTF8.self) }
    // The short way compares with names that exist, and none holds such bytes.
    guard let store = texts[0], let name = texts[1], !(store + name).utf8.contains(0) else { return }
    let request = try GetSecretRequest(protobuf: bytes.span.bytes)
    try hold(request.store.utf8.elementsEqual(store.utf8), "both find the same store")
    try hold(request.name.utf8.elementsEqual(name.utf8), "both find the same name")
    try hold(request.caCertificates == Array(bytes[fields.caCertificates]), "both find the same certificates")
  }

  static let protobufBatchGetSecrets = FuzzTarget("protobuf-batch-get-secrets") { bytes in
    try comesBack(bytes, BatchGetSecretsRequest.init(protobuf:)) { try $0.protobuf() }
  }

  static let protobufWatchSecrets = FuzzTarget("protobuf-watch-secrets") { bytes in
    try comesBack(bytes, WatchSecretsRequest.init(protobuf:)) { try $0.protobuf() }
  }

  static let protobufResolveExternalSecret = FuzzTarget("protobuf-resolve-external-secret") { bytes in
    try comesBack(bytes, ResolveExternalSecretRequest.init(protobuf:)) { try $0.protobuf() }
  }

  /// The requests that have but a few plain fields.
  static let protobufGenerators = FuzzTarget("protobuf-generators") { bytes in
    try comesBack(bytes, GenerateRequest.init(protobuf:)) { try $0.protobuf() }
    try comesBack(bytes, RevokeSelfRequest.init(protobuf:)) { try $0.protobuf() }
    try comesBack(bytes, RevokeCredentialsRequest.init(protobuf:)) { try $0.protobuf() }
    try comesBack(bytes, AuthenticateRequest.init(protobuf:)) { $0.protobuf() }
  }
}

/// A message that can be read is written so that it reads the same.
func comesBack<Message: Equatable>(
  _ bytes: [UInt8], _ read: (RawSpan) throws -> Message, _ write: (Message) throws -> [UInt8]
) throws {
  guard let message = try? read(bytes.span.bytes) else { return }
  let written = try write(message)
  let again = try read(written.span.bytes)
  try hold(again == message, "\(Message.self) comes back as it was")
}
