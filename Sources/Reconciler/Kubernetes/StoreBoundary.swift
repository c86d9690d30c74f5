import FederationAPI
import FederationClient
import Resources

/// What a FederationStore of a cluster may have its agent read and show.
///
/// Whoever may write one in some namespace is not the agent's operator. So such a store names no file of the agent's, and
/// who the agent itself is it shows only to servers that its operator named.
struct StoreBoundary: Sendable {
  let ownIdentityServers: Set<ServerAddress>

  /// Throws FAILED_PRECONDITION for a store that wants more.
  func check(_ store: FederationStoreResource) throws(RPCError) {
    let auth = store.auth
    if let field = auth.fileFields.first {
      throw RPCError(
        .failedPrecondition,
        "`spec.auth.\(field)` names a file of the agent's, which objects of a cluster must not; "
          + "use `kubernetes.serviceAccountRef` or `tokenSecretRef`")
    }
    guard let member = auth.ownIdentity else { return }
    let address = try ServerAddress(parsing: store.server.url)
    guard !ownIdentityServers.contains(address) else { return }
    throw RPCError(
      .failedPrecondition,
      "`spec.auth.\(member)` is the agent's own identity, which it does not show to \(address); use "
        + "`kubernetes.serviceAccountRef` or `tokenSecretRef`, or have the agent's operator give "
        + "--own-identity-server \(address)")
  }
}

extension FederationStoreAuth {
  /// The fields below `spec.auth` that name files.
  fileprivate var fileFields: [String] {
    switch self {
    case .token: []
    case .kubernetes(let settings):
      [("tokenFile", settings.tokenFile), ("caFile", settings.caFile)].filter { $0.1 != nil }
        .map { "kubernetes.\($0.0)" }
    case .clientCredentials(let settings):
      switch settings.provider {
      case .okta: ["okta.privateKeyFile"]
      case .pingIdentity: ["pingidentity.privateKeyFile"]
      }
    case .spiffe(let settings):
      switch settings.source {
      case .files: ["spiffe.svidFile"]
      case .workloadAPI: []
      }
    }
  }

  /// The member of `spec.auth` by which the agent is nobody but itself; nil for an identity of the store's namespace.
  fileprivate var ownIdentity: String? {
    switch self {
    case .token: nil
    case .kubernetes(let settings): settings.serviceAccount == nil ? "kubernetes` without `serviceAccountRef" : nil
    // A key that stands in a file was refused before.
    case .clientCredentials: nil
    case .spiffe: "spiffe"
    }
  }
}

extension FederationGeneratorResource {
  /// Whether it refers to Secrets and ConfigMaps of `namespace` alone, as any that was read from an object there does.
  func isWithin(_ namespace: String) -> Bool {
    var selectors = [token] + (certificates.map { [$0] } ?? [])
    switch server.certificates {
    case .secret(let selector), .configMap(let selector): selectors.append(selector)
    case .bundle, nil: break
    }
    return self.namespace == namespace && selectors.allSatisfy { $0.namespace == namespace }
  }
}
