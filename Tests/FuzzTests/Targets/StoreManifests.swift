import YAML

@testable import Resources

extension FuzzTarget {
  /// A store that is taken speaks TLS, but to this machine itself, and has all that its questions are made of.
  static let storeManifests = FuzzTarget("store-manifests") { bytes in
    var decoder = ManifestDecoder(report: ManifestReport(maximum: 30), audience: .server)
    for document in yamlDocuments(bytes) { decoder.decode(document) }
    for store in decoder.manifests.clusterSecretStores {
      guard case .remote(let backend) = store.provider else { continue }
      switch backend {
      case .aws(let spec):
        try hold(!spec.region.isEmpty && !spec.region.contains("/"), "a region is one part of a host's name")
        try hold(spec.roles.allSatisfy { $0.arn.hasPrefix("arn:") }, "a role is named by its ARN")
        for url in [spec.endpoint, spec.stsEndpoint] { try check(url) }
      case .gcpsm(let spec):
        try hold(!spec.project.isEmpty && !spec.project.contains("/"), "a project is one part of a path")
        try check(spec.endpoint)
      case .kubernetes(let spec):
        try check(spec.server)
        try hold(KubernetesName.isSubdomain(spec.namespace), "a namespace is a name")
      case .vault(let spec):
        try check(spec.vault.server)
        try hold(!spec.mount.isEmpty && !spec.mount.hasPrefix("/") && !spec.mount.hasSuffix("/"), "a mount is a path")
        for header in spec.vault.headers {
          let isPlain = (header.name + header.value).utf8.allSatisfy { $0 >= 0x20 || $0 == 0x09 }
          try hold(isPlain, "a header is one line")
        }
      case .webhook(let spec):
        try hold(["GET", "POST", "PUT", "PATCH", "DELETE"].contains(spec.webhook.method), "a method is a known one")
        try hold(spec.webhook.timeoutSeconds > 0 && spec.webhook.timeoutSeconds <= 60, "an exchange has an end")
      }
    }
  }

  private static func check(_ url: BackendURL?) throws {
    guard let url else { return }
    try hold(url.text.hasPrefix(url.isPlaintext ? "http://" : "https://"), "a URL is of its scheme")
    try hold(BackendURL(url.text) == url, "a URL comes back")
  }
}
