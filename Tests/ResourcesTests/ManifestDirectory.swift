import Foundation
import Resources

/// A directory of manifests that lives as long as its owner.
final class ManifestDirectory: Sendable {
  let path: String

  init(_ files: [String: String] = [:]) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("manifests-\(UUID().uuidString)")
    path = url.path
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for (name, text) in files { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ name: String, _ text: String) throws {
    let file = path + "/" + name
    try makeDirectory((name as NSString).deletingLastPathComponent)
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
  }

  func makeDirectory(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: path + "/" + name, withIntermediateDirectories: true)
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
  }

  /// rename(2), which takes the place of what is there.
  func rename(_ name: String, to newName: String) throws {
    guard Foundation.rename(path + "/" + name, path + "/" + newName) == 0 else {
      throw CocoaError(.fileWriteUnknown)
    }
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

  func load() -> (manifests: Manifests, diagnostics: [Diagnostic]) { ManifestLoader.load(directory: path) }

  /// The diagnostics as they are printed, with the directory's own path cut.
  func printed() -> [String] {
    load().diagnostics.map { $0.description.replacingOccurrences(of: path + "/", with: "") }
  }
}

/// Good manifests, to be varied by tests.
enum Example {
  static let federation = """
    apiVersion: identity.federation.external-secrets.io/v1alpha1
    kind: KubernetesFederation
    metadata:
      name: cluster-a
    spec:
      url: https://10.0.0.1:6443
      audiences: [federation]

    """
  static let authorization = """
    apiVersion: federation.external-secrets.io/v1alpha1
    kind: Authorization
    metadata:
      name: app
    spec:
      federationRef:
        kind: KubernetesFederation
        name: cluster-a
      subject:
        oidc:
          issuer: https://kubernetes.default.svc
          subject: system:serviceaccount:default:app
      allowedClusterSecretStores:
        - vault-a

    """
  static let store = """
    apiVersion: external-secrets.io/v1
    kind: ClusterSecretStore
    metadata:
      name: vault-a
    spec:
      provider:
        local: {}

    """

  /// What a federation, whose `spec` begins in line 4, is read as with `more` behind it; and what is said of them.
  static func load(
    _ kind: String, name: String = "it", _ spec: String, group: String = "identity.", _ more: String = ""
  ) throws -> (manifests: Manifests, messages: [String]) {
    let manifest = """
      apiVersion: \(group)federation.external-secrets.io/v1alpha1
      kind: \(kind)
      metadata: {name: \(name), namespace: ignored}
      spec: \(spec)

      """
    let (manifests, diagnostics) = try ManifestDirectory(["a.yaml": manifest + more]).load()
    return (manifests, diagnostics.map { "\($0.location.line): \($0.message)" })
  }

  /// `text` with `old`, which must be in it, replaced.
  static func varied(_ text: String, _ old: String, _ new: String) -> String {
    text.contains(old) ? text.replacingOccurrences(of: old, with: new) : "the example holds no \(old)"
  }
}
