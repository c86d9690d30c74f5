import Foundation
import TestSupport
import YAML

/// A pod of the one Deployment in a manifest, run in place of a kubelet: its volumes below a directory of its own, its
/// containers as processes.
struct ExamplePod {
  private let directory: TemporaryDirectory
  private let containers: [String: [String]]

  /// Makes the volumes. `token` gives a service account's token for an audience.
  init(_ manifest: String, token: (_ account: String, _ audience: String) throws -> String) throws {
    let directory = try TemporaryDirectory()
    var text = manifest
    for mount in try Self.mounts(Self.pod(manifest)).values {
      // What is mounted is a folder: a path of the manifest below it has a slash there.
      text = text.replacing(mount + "/", with: directory.path + mount + "/")
    }
    let pod = try Self.pod(text)
    let mounts = try Self.mounts(pod)
    for volume in pod["volumes"].items {
      guard let mount = mounts[volume["name"].text] else { throw TestSupportError("a volume is not mounted") }
      let place = String(mount.dropFirst())
      if let source = volume["projected"]["sources"].items.first?["serviceAccountToken"] {
        let file = "\(place)/\(source["path"].text)"
        try directory.write(token(pod["serviceAccountName"].text, source["audience"].text), to: file)
      } else if volume["configMap"].isThere {
        let map = try Self.document("ConfigMap", of: text, named: volume["configMap"]["name"].text)
        for entry in map["data"].entries { try directory.write(entry.value.text, to: "\(place)/\(entry.key)") }
        for entry in map["binaryData"].entries {
          guard let bytes = Data(base64Encoded: entry.value.text) else {
            throw TestSupportError("\(entry.key) is no base64")
          }
          try directory.write(Array(bytes), to: "\(place)/\(entry.key)")
        }
      } else if volume["emptyDir"].isThere {
        try FileManager.default.createDirectory(
          atPath: "\(directory.path)/\(place)", withIntermediateDirectories: true)
      } else {
        throw TestSupportError("no volume of a known kind: \(volume["name"].text)")
      }
    }
    self.directory = directory
    containers = Dictionary(
      uniqueKeysWithValues: pod["containers"].items.map { ($0["name"].text, $0["command"].items.map(\.text)) })
  }

  /// Starts a container.
  func start(_ container: String) throws -> ChildProgram {
    guard let command = containers[container], let path = command.first else {
      throw TestSupportError("no container \(container)")
    }
    let environment = ProcessInfo.processInfo.environment
    return try ChildProgram(
      path: path, arguments: Array(command.dropFirst()), environment: environment.filter { $0.key == "PATH" })
  }

  /// The names in a volume.
  func files(at mount: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path + mount)
  }

  private static func pod(_ text: String) throws -> Node {
    try document("Deployment", of: text)["spec"]["template"]["spec"]
  }

  /// Where each volume is mounted: at the same place in every container.
  private static func mounts(_ pod: Node) throws -> [String: String] {
    let all = pod["containers"].items.flatMap { $0["volumeMounts"].items }
    return try Dictionary(all.map { ($0["name"].text, $0["mountPath"].text) }) {
      guard $0 == $1 else { throw TestSupportError("one volume is mounted at \($0) and \($1)") }
      return $0
    }
  }

  private static func document(_ kind: String, of text: String, named name: String? = nil) throws -> Node {
    var texts = RepeatedText()
    var found: [Node] = []
    YAMLStream.read(text.utf8.span.bytes, reusing: &texts) { document in
      let root = Node(document.root)
      guard root["kind"].text == kind, name == nil || root["metadata"]["name"].text == name else { return }
      found.append(root)
    }
    guard found.count == 1 else { throw TestSupportError("\(found.count) documents \(kind) \(name ?? "")") }
    return found[0]
  }

  /// A part of a document, perhaps one that is not there.
  private struct Node {
    private let node: YAMLNode?

    init(_ node: YAMLNode?) { self.node = node }

    var isThere: Bool { node != nil }
    var text: String { if case .scalar(let text, _)? = node?.content { text } else { "" } }
    var items: [Node] { if case .sequence(let items)? = node?.content { items.map { Node($0) } } else { [] } }
    var entries: [(key: String, value: Node)] {
      if case .mapping(let entries)? = node?.content { entries.map { ($0.key, Node($0.value)) } } else { [] }
    }
    subscript(key: String) -> Node { Node(node?[key]) }
  }
}
