import FederationAPI

extension KubernetesConfiguration {
  /// Where kubelet mounts a Pod's service account.
  public static let serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// What a Pod finds: `KUBERNETES_SERVICE_HOST` and `KUBERNETES_SERVICE_PORT` in `environment`, and `token`, `ca.crt`
  /// and `namespace` in `directory`.
  ///
  /// Throws ``ConfigurationFault``.
  public static func inCluster(
    environment: [String: String], directory: String = serviceAccountDirectory
  ) throws(ConfigurationFault) -> KubernetesConfiguration {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = environment["KUBERNETES_SERVICE_PORT"], UInt16(port) != nil
    else {
      throw ConfigurationFault("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no Pod")
    }
    let advice = "let the Pod mount its service account's token (automountServiceAccountToken)"
    guard let certificates = try readFile(directory + "/ca.crt", limit: Limits.caCertificates, purpose: "CA file")
    else { throw ConfigurationFault("there is no \(directory)/ca.crt: \(advice)") }
    let token = directory + "/token"
    guard try readFile(token, limit: Limits.token, purpose: "token file") != nil else {
      throw ConfigurationFault("there is no \(token): \(advice)")
    }
    let namespace = try readFile(directory + "/namespace", limit: 1_024, purpose: "namespace file")
    let name = namespace.map { String(decoding: $0.filter { $0 > 0x20 }, as: UTF8.self) } ?? ""
    return KubernetesConfiguration(
      server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)", caCertificates: certificates,
      credentials: .tokenFile(token), namespace: name.isEmpty ? "default" : name)
  }
}
