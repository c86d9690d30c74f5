import FederationAPI
import HTTPClient
import JSON
import Kubernetes
import Resources

/// The Secrets of one namespace of a cluster. A whole Secret is the JSON object of its entries; a property is one entry,
/// byte by byte, or a place within one that is JSON.
struct KubernetesProvider: Provider {
  private let spec: KubernetesStoreSpec
  private let client: any HTTPSending
  private let secrets: ProviderSecrets

  init(_ spec: KubernetesStoreSpec, client: any HTTPSending, secrets: ProviderSecrets) {
    self.spec = spec
    self.client = client
    self.secrets = secrets
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

  func list(limit: Int, deadline: MonotonicTime) async throws(BackendError) -> [String] {
    var (names, continuation) = ([String](), String?.none)
    repeat {
      let page = try await ask(deadline) { [continuation] (api) throws(KubernetesError) in
        try await api.page(
          of: .secrets, namespace: spec.namespace, limit: 50, continuation: continuation, deadline: deadline)
      }
      names += page.objects.map(\.name)
      continuation = page.continuation
    } while continuation != nil && names.count <= limit
    return Array(names.prefix(limit + 1))
  }

  /// Asks for a Secret that need not be there. Who may read some Secrets only, by their names, may not read it.
  func check(deadline: MonotonicTime) async throws(BackendError) -> BackendProof {
    let (api, key) = (try api(), ProviderKey.probe.name)
    let shown = "\(spec.server.text) takes the credentials, for Secrets of the namespace \(spec.namespace)"
    do throws(KubernetesError) {
      _ = try await api.get(.secrets, namespace: spec.namespace, name: key, deadline: deadline)
    } catch {
      switch error.kind {
      case .notFound: break
      case .forbidden: return .refused(shown, key: key)
      default: throw Self.meaning(error, by: deadline)
      }
    }
    return BackendProof(shown)
  }

  /// Asks with the credentials as they are now.
  private func ask<Value: Sendable>(
    _ deadline: MonotonicTime, _ question: (KubernetesClient) async throws(KubernetesError) -> Value
  ) async throws(BackendError) -> Value {
    let api = try api()
    do throws(KubernetesError) { return try await question(api) } catch { throw Self.meaning(error, by: deadline) }
  }

  private func api() throws(BackendError) -> KubernetesClient {
    var configuration = KubernetesConfiguration(
      server: spec.server.text, caCertificates: try secrets.certificates(spec.trust), namespace: spec.namespace)
    switch spec.authentication {
    case .token(let source): configuration.credentials = .token(SecretBytes(try secrets.text(source)))
    case .certificate(let chain, let key):
      configuration.clientCertificate = ClientCertificate(
        certificates: try secrets.value(chain).copied, privateKey: try secrets.value(key).copied)
    }
    return KubernetesClient(configuration, http: client)
  }

  private static func meaning(_ error: KubernetesError, by deadline: MonotonicTime) -> BackendError {
    // The client's own timer may be some milliseconds early.
    let isLate = MonotonicTime.now.advanced(bySeconds: 0.05) >= deadline
    return switch error.kind {
    case .notFound: .notFound
    case .unauthorized, .forbidden: .denied(reason: error.message)
    case .unreachable where isLate: .timedOut(reason: error.message)
    case .cancelled, .expired: .timedOut(reason: error.message)
    case .unavailable, .unreachable, .tls: .unavailable(reason: error.message)
    case .tooLarge, .malformed: .dataLoss(reason: error.message)
    case .alreadyExists, .conflict, .invalid, .refused, .misconfigured: .misconfigured(reason: error.message)
    }
  }
}
