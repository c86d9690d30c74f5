import FederationAPI
import HTTPClient
import JSON
import Kubernetes
import Resources
import SecretStores

/// The Secrets of one namespace of a cluster. A whole Secret is the JSON object of its entries; a property is one entry,
/// byte by byte, or a place within one that is JSON.
struct KubernetesProvider: Provider {
  private let spec: KubernetesStoreSpec
  private let client: any HTTPSending
  private let secrets: ProviderSecrets
  /// The token to show, where this server's own cluster makes it.
  private let serviceAccount: ServiceAccountCredential?

  init(
    _ spec: KubernetesStoreSpec, client: any HTTPSending, secrets: ProviderSecrets,
    tokens: ServiceAccountTokens = ServiceAccountTokens(cluster: nil)
  ) {
    self.spec = spec
    self.client = client
    self.secrets = secrets
    if case .serviceAccount(let source) = spec.authentication {
      serviceAccount = tokens.credential(source, forAPIServer: spec.server)
    } else {
      serviceAccount = nil
    }
  }

  var readsProperties: Bool { true }

  func fetch(
    _ key: ProviderKey, known: String?, deadline: MonotonicTime
  ) async throws(BackendError) -> FetchedSecret {
    if let refusal = refusal(of: key) { throw refusal }
    let object = try await ask(deadline) { (api) throws(KubernetesError) in
      try await api.get(.secrets, namespace: spec.namespace, name: key.name, deadline: deadline)
    }
    if let known, known == object.resourceVersion { return .unchanged }
    let entries = try SecretEntries(object)
    guard let property = key.property else { return .value(entries.json, version: object.resourceVersion) }
    return .value(try entries.value(property), version: object.resourceVersion)
  }

  func refusal(of key: ProviderKey) -> BackendError? {
    if key.version != nil { return .invalid("has no versions") }
    // What is no name is no object's, and would lead to another path.
    return KubernetesName.isSubdomain(key.name) ? nil : .notFound
  }

  /// Labels.
  var hasTags: Bool { true }

  func list(_ filter: TagFilter, limit: Int, deadline: MonotonicTime) async throws(BackendError) -> [String] {
    guard let selector = ListSelector(filter) else {
      throw .invalid("has labels for tags, and one of these can be none")
    }
    var (names, continuation) = ([String](), String?.none)
    repeat {
      let page = try await ask(deadline) { [continuation] (api) throws(KubernetesError) in
        try await api.page(
          of: .secrets, namespace: spec.namespace, selector: selector, limit: 50, continuation: continuation,
          deadline: deadline)
      }
      for object in page.objects where filter.isMet(by: object["metadata"]?["labels"]?.object ?? [:]) {
        names.append(object.name)
      }
      continuation = page.continuation
    } while continuation != nil && names.count <= limit
    return Array(names.prefix(limit + 1))
  }

  /// Asks for a Secret that need not be there. Who may read some Secrets only, by their names, may not read it.
  func check(deadline: MonotonicTime) async throws(BackendError) -> BackendProof {
    let key = ProviderKey.probe.name
    let shown = "\(spec.server.text) takes the credentials, for Secrets of the namespace \(spec.namespace)"
    let answer = try await answer(deadline) { (api) throws(KubernetesError) in
      try await api.get(.secrets, namespace: spec.namespace, name: key, deadline: deadline)
    }
    if case .failure(let error) = answer {
      switch error.kind {
      case .notFound: break
      case .forbidden: return .refused(shown, key: key)
      default: throw BackendError(error, by: deadline)
      }
    }
    return BackendProof(shown)
  }

  private func ask<Value: Sendable>(
    _ deadline: MonotonicTime, _ question: @Sendable (KubernetesClient) async throws(KubernetesError) -> Value
  ) async throws(BackendError) -> Value {
    switch try await answer(deadline, to: question) {
    case .success(let value): return value
    case .failure(let error): throw BackendError(error, by: deadline)
    }
  }

  /// Asks with the credentials as they are now.
  private func answer<Value: Sendable>(
    _ deadline: MonotonicTime, to question: @Sendable (KubernetesClient) async throws(KubernetesError) -> Value
  ) async throws(BackendError) -> Result<Value, KubernetesError> {
    @Sendable func answer(_ token: SecretBytes?) async throws(BackendError) -> Result<Value, KubernetesError> {
      let api = try api(token)
      do throws(KubernetesError) { return .success(try await question(api)) } catch { return .failure(error) }
    }
    guard let serviceAccount else { return try await answer(nil) }
    return try await serviceAccount.answer(deadline: deadline, isRefused: Self.isRefusal) {
      (token) throws(BackendError) in try await answer(token)
    }
  }

  @Sendable private static func isRefusal<Value>(_ answer: Result<Value, KubernetesError>) -> Bool {
    if case .failure(let error) = answer { error.kind == .unauthorized } else { false }
  }

  private func api(_ token: SecretBytes?) throws(BackendError) -> KubernetesClient {
    var configuration = KubernetesConfiguration(
      server: spec.server.text, caCertificates: try secrets.certificates(spec.trust), namespace: spec.namespace)
    switch spec.authentication {
    case .serviceAccount: configuration.credentials = token.map { .token($0) } ?? .none
    case .token(let source): configuration.credentials = .token(SecretBytes(try secrets.text(source)))
    case .certificate(let chain, let key):
      configuration.clientCertificate = ClientCertificate(
        certificates: try secrets.value(chain).copied, privateKey: try secrets.value(key).copied)
    }
    return KubernetesClient(configuration, http: client)
  }
}
