/// Where a server's resources come from.
public enum ManifestOrigin: Sendable {
  /// A directory of YAML manifests, read recursively.
  case directory(String)
  /// The objects of a Kubernetes cluster.
  case cluster(ClusterOptions)
}

/// Which cluster a server takes its resources from.
public struct ClusterOptions: Sendable {
  /// A kubeconfig file; nil for the Pod's own service account, or else the file that `KUBECONFIG` names.
  public var kubeconfig: String?
  /// The context of the kubeconfig file; nil for its current one.
  public var context: String?
  /// Where generators, and the Lease by which replicas choose who writes statuses, stand; nil for generators of all
  /// namespaces and a Lease in the server's own.
  public var namespace: String?

  /// Makes options.
  public init(kubeconfig: String? = nil, context: String? = nil, namespace: String? = nil) {
    self.kubeconfig = kubeconfig
    self.context = context
    self.namespace = namespace
  }
}
