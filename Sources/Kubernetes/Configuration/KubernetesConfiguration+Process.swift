import Glibc

extension KubernetesConfiguration {
  /// The configuration that this process finds: see ``find(kubeconfig:context:environment:)``.
  ///
  /// Throws ``ConfigurationFault``.
  public static func ofProcess(
    kubeconfig: String?, context: String?
  ) throws(ConfigurationFault) -> KubernetesConfiguration {
    var environment: [String: String] = [:]
    for name in ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBECONFIG"] {
      environment[name] = getenv(name).map { String(cString: $0) }
    }
    return try find(kubeconfig: kubeconfig, context: context, environment: environment)
  }
}

extension LeaderElector {
  /// A name that no other program has: the host's, which in a cluster is the Pod's, and what tells two programs on it
  /// apart.
  public static func uniqueIdentity() -> String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(host)_\(String(UInt64.random(in: .min ... .max), radix: 16))"
  }
}
