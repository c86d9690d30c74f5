import FederationAPI
import Kubernetes
import Resources

/// Has the server's own cluster make tokens of service accounts, for stores that log in with them.
struct ServiceAccountTokens: Sendable {
  /// Nil for a server that was started without one.
  let cluster: KubernetesClient?

  /// The token of `source`, which is sent to `server`.
  ///
  /// One without audiences is good for this cluster's API server, and who gets it could act there as the account: it is
  /// not made for another server that is only known to speak the same API.
  func credential(_ source: ServiceAccountTokenSource, forAPIServer server: BackendURL) -> ServiceAccountCredential {
    guard source.audiences.isEmpty, let cluster, !Self.isAPIServer(server, of: cluster) else {
      return credential(source)
    }
    return ServiceAccountCredential { _ throws(BackendError) in
      throw .misconfigured(
        reason: "a token without `audiences` is for the API server of this server's own cluster, and \(server.text) is "
          + "not that; name the `audiences` that the other cluster takes")
    }
  }

  /// The token of `source`, for whomever its audiences say.
  func credential(_ source: ServiceAccountTokenSource) -> ServiceAccountCredential {
    ServiceAccountCredential { deadline throws(BackendError) in try await lease(source, deadline) }
  }

  private func lease(
    _ source: ServiceAccountTokenSource, _ deadline: MonotonicTime
  ) async throws(BackendError) -> ServiceAccountCredential.Lease {
    guard let cluster else {
      throw .misconfigured(
        reason: "there is no cluster that makes a token of the ServiceAccount \(source.account): start the server with "
          + "--kubernetes")
    }
    do throws(KubernetesError) {
      let token = try await cluster.requestToken(
        namespace: source.account.namespace, serviceAccount: source.account.name, audiences: source.audiences,
        expirationSeconds: source.expirationSeconds, deadline: deadline)
      return .init(token.token, lifetimeSeconds: Double(token.expiresAtSeconds - WallClock.nowSeconds))
    } catch {
      switch error.kind {
      case .notFound: throw .misconfigured(reason: "there is no ServiceAccount \(source.account)")
      case .forbidden:
        throw .denied(
          reason: "this server may not make a token of the ServiceAccount \(source.account): let a Role of the "
            + "namespace \(source.account.namespace) allow its own account `create` on `serviceaccounts/token` with "
            + "`resourceNames: [\(source.account.name)]`")
      default: throw BackendError(error, by: deadline)
      }
    }
  }

  private static func isAPIServer(_ server: BackendURL, of cluster: KubernetesClient) -> Bool {
    let names = ["kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]
    let own = withoutPort(cluster.configuration.server)
    return withoutPort(server.text) == own || names.contains { withoutPort(server.text) == "https://\($0)" }
  }

  private static func withoutPort(_ url: String) -> String {
    url.hasPrefix("https://") && url.hasSuffix(":443") ? String(url.dropLast(4)) : url
  }
}
