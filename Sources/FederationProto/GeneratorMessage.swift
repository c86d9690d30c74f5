import CFederationProto
import FederationAPI

/// The requests that name a generator and nothing else.
protocol GeneratorMessage: GeneratedMessage {
  var namespace_: UnsafeMutablePointer<CChar>! { get set }
  var kind: UnsafeMutablePointer<CChar>! { get set }
  var name: UnsafeMutablePointer<CChar>! { get set }
  var ca_crt: ProtobufCBinaryData { get set }
}

extension Federation__V1__GenerateRequest: GeneratorMessage {}
extension Federation__V1__RevokeSelfRequest: GeneratorMessage {}

extension GeneratorMessage {
  /// Decodes such a request and has `make` take generator and PEM bundle.
  static func decode<Request>(
    _ payload: RawSpan, _ make: (GeneratorReference, [UInt8]) -> Request
  ) throws(RPCError) -> Request {
    try decoded(Self.self, from: payload) { message throws(RPCError) in
      let generator = GeneratorReference(
        namespace: String(cString: message.pointee.namespace_), kind: String(cString: message.pointee.kind),
        name: String(cString: message.pointee.name))
      return make(generator, try boundedCertificates(message.pointee.ca_crt))
    }
  }

  /// Encodes such a request.
  static func encode(_ generator: GeneratorReference, _ caCertificates: [UInt8]) throws(RPCError) -> [UInt8] {
    try withCStrings(("namespace", generator.namespace), ("kind", generator.kind), ("name", generator.name)) {
      namespace, kind, name in
      caCertificates.withUnsafeBufferPointer { certificates in
        var message = Self.make()
        message.namespace_ = namespace
        message.kind = kind
        message.name = name
        message.ca_crt = binary(certificates)
        return encoded(&message)
      }
    }
  }
}
