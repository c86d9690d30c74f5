import FederationAPI
import JSON
import Resources

/// Has one Vault server make secrets, and takes their leases back.
package struct VaultDynamicSecrets: Sendable {
  private let vault: VaultSpec
  private let session: VaultSession

  init(vault: VaultSpec, session: VaultSession) {
    self.vault = vault
    self.session = session
  }

  /// Vault's whole answer, empty when there is none. `parameters` are a JSON object.
  package func ask(
    _ method: String, _ path: String, parameters: [UInt8]?, deadline: MonotonicTime
  ) async throws(BackendError) -> SecretBytes {
    guard let path = VaultPath.encoded(path: path) else { throw .misconfigured(reason: "the path is none of Vault's") }
    var body: JSONValue?
    if let parameters {
      do throws(JSONError) {
        body = try JSONValue.parse(parameters, maximumByteCount: parameters.count)
      } catch { throw .misconfigured(reason: "the parameters are not JSON: \(error)") }
    } else if method != "GET" {
      body = [:]
    }
    return try await session.send(
      .init(method: method, path: path, body: body, namespace: vault.namespace, isSentOnce: true), deadline: deadline)
  }

  /// Ends the lease and what was made under it; succeeds when Vault knows no such lease, as Vault itself does.
  package func revoke(lease: String, deadline: MonotonicTime) async throws(BackendError) {
    // Without `sync` Vault answers before anything is taken back, and keeps to itself when that fails.
    let body: JSONValue = ["lease_id": .string(lease), "sync": true]
    _ = try await session.send(
      .init(method: "PUT", path: "sys/leases/revoke", body: body, namespace: vault.namespace), deadline: deadline)
  }

  /// Ends a token that Vault gave in place of a secret, and whatever was made with it.
  package func revoke(token: String, deadline: MonotonicTime) async throws(BackendError) {
    try await session.revoke(other: token, namespace: vault.namespace, deadline: deadline)
  }
}
