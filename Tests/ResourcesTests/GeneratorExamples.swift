import Foundation
import Resources

/// Good manifests of generators and Secrets, to be varied by tests.
extension Example {
  /// A generator named `example` in the namespace `team`; each line of `spec` is indented as it has to be.
  static func generator(_ kind: String, _ spec: String) -> String {
    """
    apiVersion: generators.external-secrets.io/v1alpha1
    kind: \(kind)
    metadata: {name: example, namespace: team}
    spec:
    \(spec.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }.joined(separator: "\n"))

    """
  }

  static let secret = """
    apiVersion: v1
    kind: Secret
    metadata: {name: keys, namespace: team}
    type: Opaque
    immutable: true
    data:
      encoded: aHVudGVyMg==
      both: b2xk
    stringData:
      both: new
      plain: p

    """
}

extension ManifestDirectory {
  /// Takes the file away from everybody but its owner.
  func hide(_ name: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + "/" + name)
  }

  /// The one generator of `text`, and what is said of it.
  static func generator(_ text: String) throws -> (GeneratorResource?, [String]) {
    let directory = try ManifestDirectory(["a.yaml": text])
    let loaded = directory.load()
    return (loaded.manifests.generators.first, directory.printed())
  }
}
