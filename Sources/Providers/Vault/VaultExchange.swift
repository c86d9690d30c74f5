import FederationAPI
import HTTPClient
import JSON
import Resources
import Synchronization

/// Sends requests to one Vault server.
struct VaultExchange: Sendable {
  /// The longest answer that is read: a KV value may have 1 MiB by Vault's own default, escaped in JSON.
  private static let maximumBodyBytes = 8 << 20

  let spec: VaultSpec
  let secrets: ProviderSecrets
  let exchange: BackendExchange
  /// The token to log in with, where this server's own cluster makes it.
  let serviceAccount: ServiceAccountCredential?
  private let state = VaultConsistency()

  init(spec: VaultSpec, secrets: ProviderSecrets, exchange: BackendExchange, tokens: ServiceAccountTokens) {
    self.spec = spec
    self.secrets = secrets
    self.exchange = exchange
    if case .serviceAccount(_, _, let source) = spec.authentication {
      serviceAccount = tokens.credential(source)
    } else {
      serviceAccount = nil
    }
  }

  struct Request {
    var method = "GET"
    /// Below `v1/`, encoded.
    var path: String
    var body: JSONValue?
    var namespace: String?
    var clientCertificate: VaultSpec.ClientCertificate?
    /// As ``HTTPRequest/isSentOnce``: for what makes something each time.
    var isSentOnce = false
  }

  /// The answer's body, empty when there is none. Refusals are thrown; `isLogin` says that the request carries
  /// credentials, and then 400 refuses them.
  func send(
    _ request: Request, token: String?, isLogin: Bool = false, deadline: MonotonicTime
  ) async throws(BackendError) -> SecretBytes {
    var headers: [(name: String, value: String)] = [("X-Vault-Request", "true"), ("Accept", "application/json")]
    headers += spec.headers.map { ($0.name, $0.value) }
    if let token { headers.append(("X-Vault-Token", token)) }
    if let namespace = request.namespace { headers.append(("X-Vault-Namespace", namespace)) }
    if spec.readsItsWrites, let index = state.index { headers.append(("X-Vault-Index", index)) }
    if spec.forwardsInconsistent { headers.append(("X-Vault-Inconsistent", "forward-active-node")) }
    if request.body != nil { headers.append(("Content-Type", "application/json")) }
    let certificate = try (request.clientCertificate ?? spec.clientCertificate).map(clientCertificate)
    let sent = HTTPRequest(
      method: request.method, url: "\(spec.server.text)/v1/\(request.path)", headers: headers,
      body: request.body?.encoded(), caCertificates: try secrets.certificates(spec.trust),
      clientCertificate: certificate,
      // All the question's time: what Vault waits for itself when it makes or revokes something takes longer than a read.
      timeoutSeconds: Double(MonotonicTime.now.nanoseconds(until: deadline)) / 1e9,
      maximumBodyBytes: Self.maximumBodyBytes, allowsPlaintext: spec.server.isPlaintext, isSentOnce: request.isSentOnce)
    var response = try await exchange.send(sent, deadline: deadline)
    if spec.readsItsWrites, let index = response.header("x-vault-index") { state.note(index) }
    if response.status == 404, !isLogin, let reason = Self.misplacement(response.body, of: request.path) {
      throw .misconfigured(reason: reason)
    }
    try Self.check(response.status, isLogin: isLogin)
    return SecretBytes(wiping: &response.body)
  }

  private func clientCertificate(
    _ source: VaultSpec.ClientCertificate
  ) throws(BackendError) -> ClientCertificate {
    ClientCertificate(
      certificates: try secrets.value(source.certificates).copied,
      privateKey: try secrets.value(source.privateKey).copied)
  }

  /// What is wrong where a 404 does not say that there is no such key: Vault's words for a path that no engine serves, and
  /// for one that KV v2 serves by another form.
  private static func misplacement(_ body: [UInt8], of path: String) -> String? {
    guard let answer = try? JSONValue.parse(body) else { return nil }
    let words = ["errors", "warnings"].flatMap { answer[$0]?.array ?? [] }.compactMap(\.string)
    if words.contains(where: { $0.hasPrefix("no handler for route") }) {
      return "Vault has no secrets engine that serves \(path); mend `path`, or `namespace`"
    }
    if words.contains(where: { $0.hasPrefix("Invalid path for a versioned K/V secrets engine") }) {
      return "the secrets engine that serves \(path) is KV version 2; write `version: v2`"
    }
    return nil
  }

  private static func check(_ status: Int, isLogin: Bool) throws(BackendError) {
    switch status {
    case 200...299: return
    case 400 where isLogin, 401, 403: throw .denied(reason: "Vault answered \(status)")
    case 404: throw .notFound
    // 412: a node that has not seen yet what X-Vault-Index names.
    case 412: throw .busy(retryAfterSeconds: nil)
    case 472, 473: throw .unavailable(reason: "the node is a standby that serves no reads (\(status))")
    case 300...399:
      throw .unavailable(
        reason: "the node is a standby that redirects (\(status)); give the address of the active one, or of a load "
          + "balancer")
    default: throw .misconfigured(reason: "Vault answered \(status)")
    }
  }
}

/// The newest state of Vault that this server has seen: a node that is behind it must not answer.
private final class VaultConsistency: Sendable {
  private static let maximumByteCount = 1_024
  private let seen = Mutex<String?>(nil)

  var index: String? { seen.withLock { $0 } }

  func note(_ index: String) {
    guard !index.isEmpty, index.utf8.count <= Self.maximumByteCount else { return }
    seen.withLock { $0 = index }
  }
}
