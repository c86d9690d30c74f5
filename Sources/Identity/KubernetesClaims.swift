import FederationAPI
import JSON

/// The first member that the claim `kubernetes.io` lacks, for example `kubernetes.io.serviceaccount.name`.
struct MissingClaim: Error, Equatable {
  let path: String
}

/// The claim `kubernetes.io` of a service account token, as far as it is looked at; nil for what is not a text.
struct KubernetesClaims: Sendable {
  private struct Object {
    var name: String?
    var uid: String?

    mutating func read(from reader: inout JSONReader, _ text: RawSpan) throws(JSONError) {
      try reader.readObject(in: text) { member, reader, text throws(JSONError) in
        if reader.isEqual(member, "name", in: text) {
          name = try reader.readText(in: text).value
        } else if reader.isEqual(member, "uid", in: text) {
          uid = try reader.readText(in: text).value
        } else {
          try reader.skip(try reader.next(in: text), in: text)
        }
      }
    }
  }

  /// Whether the token has the claim at all.
  private(set) var isPresent = false
  private var namespace: String?
  private var account = Object()
  private var pod = Object()

  /// Reads the claim's value.
  mutating func read(from reader: inout JSONReader, _ text: RawSpan) throws(JSONError) {
    isPresent = true
    try reader.readObject(in: text) { member, reader, text throws(JSONError) in
      if reader.isEqual(member, "namespace", in: text) {
        namespace = try reader.readText(in: text).value
      } else if reader.isEqual(member, "serviceaccount", in: text) {
        try account.read(from: &reader, text)
      } else if reader.isEqual(member, "pod", in: text) {
        try pod.read(from: &reader, text)
      } else {
        try reader.skip(try reader.next(in: text), in: text)
      }
    }
  }

  /// What the claim says of the workload; an incomplete `pod` counts as none.
  func attributes() throws(MissingClaim) -> KubernetesAttributes {
    func required(_ text: String?, _ path: String) throws(MissingClaim) -> String {
      guard let text, !text.isEmpty else { throw MissingClaim(path: path) }
      return text
    }
    var object: KubernetesAttributes.Object?
    if let name = pod.name, let uid = pod.uid, !name.isEmpty, !uid.isEmpty { object = .init(name: name, uid: uid) }
    return KubernetesAttributes(
      namespace: try required(namespace, "kubernetes.io.namespace"),
      serviceAccount: .init(
        name: try required(account.name, "kubernetes.io.serviceaccount.name"),
        uid: try required(account.uid, "kubernetes.io.serviceaccount.uid")),
      pod: object)
  }
}
