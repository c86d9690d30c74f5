/// The rules for names of Kubernetes objects (RFC 1123).
enum KubernetesName {
  /// A DNS subdomain: what most objects may be named.
  static func isSubdomain(_ name: String) -> Bool {
    name.utf8.count <= 253
      && name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isLabelText)
  }

  /// A DNS label: what namespaces may be named.
  static func isLabel(_ name: String) -> Bool {
    name.utf8.count <= 63 && isLabelText(name.utf8[...])
  }

  /// Letters and digits, beginning with a capital: what kinds are named.
  static func isKind(_ name: String) -> Bool {
    guard let first = name.utf8.first, (0x41...0x5A).contains(first), name.utf8.count <= 63 else { return false }
    return name.utf8.allSatisfy { isLowerOrDigit($0) || (0x41...0x5A).contains($0) }
  }

  private static func isLabelText(_ text: Substring.UTF8View) -> Bool {
    guard let first = text.first, let last = text.last, isLowerOrDigit(first), isLowerOrDigit(last) else {
      return false
    }
    return text.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
  }

  private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
  }
}
