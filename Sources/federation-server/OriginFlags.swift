import CommandLineFlags
import FederationServer

/// The flags of `serve` that say where its resources come from.
enum OriginFlags {
  static let usage = """
      --kubernetes            resources are the objects of a cluster instead of files, and get status conditions: the
                              cluster the server runs in, or that of $KUBECONFIG
      --kubeconfig FILE       the cluster of that kubeconfig file
      --context NAME          that context of it, in place of its current one
      --namespace NAME        the generators of that namespace alone; also where the Lease `federation-server` is
    """

  static let flags: [FlagParser.Flag] = [.init("config")] + ClusterFlags.flags

  static func origin(_ line: FlagParser.Parsed) throws(UsageError) -> ManifestOrigin {
    guard let cluster = try ClusterFlags(line) else {
      guard let directory = line.values["config"], !directory.isEmpty else {
        throw UsageError("--config DIR is required, or --kubernetes for the resources of a cluster")
      }
      return .directory(directory)
    }
    guard line.values["config"] == nil else {
      throw UsageError(
        "--kubernetes and --config exclude each other: resources come from a cluster or from files, so leave one out")
    }
    return .cluster(
      ClusterOptions(kubeconfig: cluster.kubeconfig, context: cluster.context, namespace: cluster.namespace))
  }
}
