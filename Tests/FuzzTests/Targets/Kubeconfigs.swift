import Kubernetes
import TestSupport

extension FuzzTarget {
  /// A kubeconfig that is taken names an API server that is spoken to over TLS.
  static let kubeconfig = FuzzTarget("kubeconfig") { bytes in
    let directory = try TemporaryDirectory()
    let path = try directory.write(bytes, to: "config")
    let read = withExtendedLifetime(directory) { try? KubernetesConfiguration.kubeconfig(path) }
    guard let configuration = read else { return }
    try hold(configuration.server.hasPrefix("https://"), "an API server is spoken to over TLS")
    try hold(configuration.server.utf8.count <= bytes.count * 3, "an address is no longer than the file")
  }
}
