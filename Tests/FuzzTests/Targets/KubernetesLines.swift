import JSON

@testable import Kubernetes

extension FuzzTarget {
  /// The lines of a watch are the same however their bytes come, and each may be an object.
  static let kubernetesLines = FuzzTarget("kubernetes-lines") { bytes in
    var lines = LineBuffer(maximumByteCount: 1 << 20)
    var seen: [[UInt8]] = []
    for piece in pieces(of: bytes) {
      lines.append(piece)
      while let line = lines.next() { seen.append(line) }
    }
    let expected = bytes.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
    try hold(seen == Array(expected.dropLast()), "lines do not depend on how their bytes come")
    for line in seen {
      guard let json = try? JSONValue.parse(line) else { continue }
      let object = KubernetesObject(json["object"] ?? json)
      _ = (object.name, object.namespace, object.labels, object.annotations, object.ownerReferences, object.generation)
      try hold(try JSONValue.parse(object.json.encoded()) == object.json, "an object comes back")
    }
  }
}
