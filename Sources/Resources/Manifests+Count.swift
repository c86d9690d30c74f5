extension Manifests {
  /// How many resources of each kind there are, by the kind's name; 0 for every kind that a server reads and that is not
  /// here.
  public var countsByKind: [String: Int] {
    var counts: [String: Int] = [:]
    for name in ManifestKind.names(for: .server) { counts[name] = 0 }
    let kinds: [(ManifestKind, Int)] = [
      (.kubernetesFederation, kubernetesFederations.count), (.oktaFederation, oktaFederations.count),
      (.pingIdentityFederation, pingIdentityFederations.count), (.oidcFederation, oidcFederations.count),
      (.spiffeFederation, spiffeFederations.count), (.authorization, authorizations.count),
      (.clusterSecretStore, clusterSecretStores.count), (.secret, secrets.count { !$0.isConfigMap }),
      (.configMap, secrets.count(where: \.isConfigMap)),
    ]
    for (kind, count) in kinds { counts[kind.name] = count }
    for generator in generators { counts[generator.reference.kind, default: 0] += 1 }
    return counts
  }
}
