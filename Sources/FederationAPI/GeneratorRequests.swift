/// Asks for a credential. Mirrors `POST /generators/{namespace}/{kind}/{name}`.
public struct GenerateRequest: Hashable, Sendable {
  /// The generator to use.
  public var generator: GeneratorReference
  /// The caller's PEM bundle, empty when it sent none.
  public var caCertificates: [UInt8]

  /// Makes a request.
  public init(generator: GeneratorReference, caCertificates: [UInt8] = []) {
    self.generator = generator
    self.caCertificates = caCertificates
  }
}

/// Asks to take back what a generator made for the caller's own workload. Mirrors `DELETE` of the same path.
public struct RevokeSelfRequest: Hashable, Sendable {
  /// The generator whose credentials are meant.
  public var generator: GeneratorReference
  /// The caller's PEM bundle, empty when it sent none.
  public var caCertificates: [UInt8]

  /// Makes a request.
  public init(generator: GeneratorReference, caCertificates: [UInt8] = []) {
    self.generator = generator
    self.caCertificates = caCertificates
  }
}

/// Asks to take back all credentials of an owner in one namespace. Mirrors `POST /generators/{namespace}/revoke`.
public struct RevokeCredentialsRequest: Hashable, Sendable {
  /// The only namespace that is touched; the caller has to be authorised for it.
  public var namespace: String
  /// The owner's label.
  public var owner: String
  /// The caller's PEM bundle, empty when it sent none.
  public var caCertificates: [UInt8]

  /// Makes a request.
  public init(namespace: String, owner: String, caCertificates: [UInt8] = []) {
    self.namespace = namespace
    self.owner = owner
    self.caCertificates = caCertificates
  }
}
