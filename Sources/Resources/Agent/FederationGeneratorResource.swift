import FederationAPI
import YAML

/// A generator on a federation server, used from the client's side.
///
/// `generators.external-secrets.io/v1alpha1`, kind `Federation`, namespaced.
public struct FederationGeneratorResource: Sendable, Equatable {
  /// `metadata.namespace`, `default` where the manifest names none.
  public var namespace: String
  /// `metadata.name`.
  public var name: String
  /// `spec.server`; `transport`, `caBundle` and `caProvider` are our additions.
  public var server: FederationServerReference
  /// `spec.generator`: the one on the server.
  public var generator: GeneratorReference
  /// `spec.auth.tokenSecretRef`.
  public var token: SecretKeySelector
  /// `spec.auth.caCertSecretRef`: PEM, or base64 of it, which is sent with each call and verifies the server.
  public var certificates: SecretKeySelector?

  /// Makes a generator without checking it; ``ManifestLoader`` checks.
  public init(
    namespace: String = "default", name: String, server: FederationServerReference, generator: GeneratorReference,
    token: SecretKeySelector, certificates: SecretKeySelector? = nil
  ) {
    self.namespace = namespace
    self.name = name
    self.server = server
    self.generator = generator
    self.token = token
    self.certificates = certificates
  }
}

extension FederationGeneratorResource {
  /// Reads the manifest; nil when something in it was reported.
  init?(_ manifest: MappingReader, name: ManifestName) {
    let advice = "say which server and generator: `spec: {server: {...}, generator: {...}, auth: {...}}`"
    guard let spec = manifest.mapping("spec", fields: ["server", "generator", "auth"], advice) else { return nil }
    let server = spec.mapping(
      "server", fields: FederationServerReference.fields, "give the server's URL: `server: {url: https://...}`"
    ).flatMap { FederationServerReference($0, namespace: name.namespace) }
    let target = spec.mapping(
      "generator", fields: ["namespace", "kind", "name"], "name the generator on the server"
    ).flatMap { Self.target($0) }
    let auth = spec.mapping(
      "auth", fields: ["tokenSecretRef", "caCertSecretRef"],
      "say where the token is: `auth: {tokenSecretRef: {name: ..., key: ...}}`")
    let token = auth?.dataSelector("tokenSecretRef", namespace: name.namespace)
    var certificates: SecretKeySelector?
    if let auth, auth.optional("caCertSecretRef") != nil {
      certificates = auth.dataSelector("caCertSecretRef", namespace: name.namespace)
      guard certificates != nil else { return nil }
    }
    guard let server, let target, let token else { return nil }
    self.init(
      namespace: name.namespace, name: name.name, server: server, generator: target, token: token,
      certificates: certificates)
  }

  private static func target(_ generator: MappingReader) -> GeneratorReference? {
    let namespace = generator.string("namespace", "name the generator's namespace on the server")
      .flatMap { generator.checkedNamespace($0, generator.name("namespace")) }
    let kind = generator.string("kind", "name the generator's kind on the server, for example `Password`")
    let name = generator.objectName("name", "name the generator on the server")
    guard let namespace, let kind, let name else { return nil }
    guard KubernetesName.isKind(kind.value) else {
      generator.report.error(
        kind.line, "\(generator.name("kind")) \(quoted(kind.value)) is no kind; write for example `Password`")
      return nil
    }
    return GeneratorReference(namespace: namespace.value, kind: kind.value, name: name.value)
  }
}
