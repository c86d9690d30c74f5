import FederationAPI
import JSON

/// A service account's token.
public struct ServiceAccountToken: Sendable {
  /// The token.
  public var token: SecretBytes
  /// When it expires, in seconds since 1970-01-01T00:00:00Z.
  public var expiresAtSeconds: Int64
}

extension KubernetesClient {
  /// Has the API make a token of a service account (TokenRequest, `authentication.k8s.io/v1`) for `audiences`, or for the
  /// API server itself where there are none. The API may give one that lives longer or shorter than is asked for. Nothing
  /// goes on past `deadline`.
  ///
  /// Throws ``KubernetesError``; ``KubernetesError/Kind/notFound`` when there is no such account.
  public func requestToken(
    namespace: String, serviceAccount: String, audiences: [String], expirationSeconds: Int64,
    deadline: MonotonicTime? = nil
  ) async throws(KubernetesError) -> ServiceAccountToken {
    let operation = Operation(
      verb: "create", type: .serviceAccounts, namespace: namespace, name: serviceAccount, subresource: "token")
    let answer = try await send(
      operation, "POST",
      body: [
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": [
          "audiences": .array(audiences.map { .string($0) }), "expirationSeconds": .number(Double(expirationSeconds)),
        ],
      ], deadline: deadline)
    guard let token = answer["status"]?["token"]?.string,
      let end = answer["status"]?["expirationTimestamp"]?.string.flatMap(KubernetesTime.secondsSince1970)
    else { throw KubernetesError(.malformed, "cannot \(operation.title): the answer has no token") }
    return ServiceAccountToken(token: SecretBytes(token), expiresAtSeconds: end)
  }
}
