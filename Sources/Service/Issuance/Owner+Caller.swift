import Crypto
import FederationAPI
import Ledger

extension Owner {
  /// Whom a credential of `caller` belongs to: the workload's pod, else its service account, else the subject itself
  /// (docs/PROTOCOL.md, "Owners").
  init(_ caller: VerifiedCaller) {
    let identity = caller.identity
    guard let workload = caller.workload else {
      let attributes = [
        "issuer": identity.provider, "subject": identity.subject, "method": identity.method.rawValue,
      ]
      self.init(
        name: identity.subject, label: OwnerLabel.make(identity.subject), attributes: attributes, workload: nil)
      return
    }
    var attributes = [
      "namespace": workload.namespace, "issuer": identity.provider,
      "service-account-name": workload.serviceAccount.name, "serviceaccount-uid": workload.serviceAccount.uid,
    ]
    let object = workload.pod ?? workload.serviceAccount
    if let pod = workload.pod { attributes["pod-uid"] = pod.uid }
    self.init(
      name: object.name, label: OwnerLabel.make(object.name), attributes: attributes, workload: workload.binding)
  }
}

extension KubernetesAttributes {
  /// The object that a credential is bound to: the pod if known, else the service account.
  var binding: WorkloadBinding {
    let object = pod ?? serviceAccount
    return WorkloadBinding(
      kind: pod == nil ? "ServiceAccount" : "Pod", name: object.name, uid: object.uid, namespace: namespace)
  }
}

/// What owners are labelled with: a Kubernetes label's value is at most 63 of `[A-Za-z0-9-_.]`, with a letter or digit
/// at both ends (docs/SECURITY.md, D19).
enum OwnerLabel {
  static let maximumBytes = 63
  private static let digestDigits = 16

  /// `owner` itself where it is a label's value; else a readable part of it and a digest of the whole, so that two
  /// owners never share one.
  ///
  /// An owner that has the form of the latter is digested as well, so that nobody takes another's label for a name. That
  /// form has an underscore, which no name of a pod or service account has: those stay what they are.
  static func make(_ owner: String) -> String {
    if isValid(owner), !isDigested(owner) { return owner }
    let digest = Hexadecimal.encode(SHA256.digest(owner)).prefix(digestDigits)
    let readable = owner.utf8.prefix(maximumBytes - digestDigits - 1).map { isLabelByte($0) ? $0 : UInt8(ascii: "-") }
    let trimmed = readable.drop { !isLetterOrDigit($0) }
    return (trimmed.isEmpty ? "owner" : String(decoding: trimmed, as: UTF8.self)) + "_" + digest
  }

  /// Whether `label` is a label's value, and not an empty one.
  static func isValid(_ label: String) -> Bool {
    guard let first = label.utf8.first, let last = label.utf8.last, label.utf8.count <= maximumBytes else {
      return false
    }
    return isLetterOrDigit(first) && isLetterOrDigit(last) && label.utf8.allSatisfy(isLabelByte)
  }

  private static func isDigested(_ label: String) -> Bool {
    let tail = label.utf8.suffix(digestDigits + 1)
    return tail.first == UInt8(ascii: "_") && tail.dropFirst().count == digestDigits
      && tail.dropFirst().allSatisfy { "0123456789abcdef".utf8.contains($0) }
  }

  private static func isLabelByte(_ byte: UInt8) -> Bool {
    isLetterOrDigit(byte) || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
