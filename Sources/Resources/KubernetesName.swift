/// The rules for names of Kubernetes objects (RFC 1123).
public enum KubernetesName {
  /// A DNS subdomain: what most objects may be named.
  public static func isSubdomain(_ name: String) -> Bool {
    name.utf8.count <= 253 && isDotted(name, allowsDots: true)
  }

  /// A DNS label: what namespaces may be named.
  static func isLabel(_ name: String) -> Bool {
    name.utf8.count <= 63 && isDotted(name, allowsDots: false)
  }

  /// Letters and digits, beginning with a capital: what kinds are named.
  static func isKind(_ name: String) -> Bool {
    guard let first = name.utf8.first, (0x41...0x5A).contains(first), name.utf8.count <= 63 else { return false }
    return name.utf8.allSatisfy { isLowerOrDigit($0) || (0x41...0x5A).contains($0) }
  }

  /// What the entries of a Secret's `data` may be named.
  static func isDataKey(_ key: String) -> Bool {
    (1...253).contains(key.utf8.count) && key.utf8.allSatisfy { isAlphanumeric($0) || "-._".utf8.contains($0) }
  }

  /// Whether it is an ASCII letter or digit.
  public static func isAlphanumeric(_ byte: UInt8) -> Bool { isLowerOrDigit(byte) || (0x41...0x5A).contains(byte) }

  /// Whether every label begins and ends with a letter or digit and has only those and `-` between.
  private static func isDotted(_ name: String, allowsDots: Bool) -> Bool {
    // True after a letter or digit: only there may a label end.
    var mayEnd = false
    var isFirst = true
    for byte in name.utf8 {
      if isLowerOrDigit(byte) {
        mayEnd = true
        isFirst = false
      } else if byte == UInt8(ascii: "-") && !isFirst {
        mayEnd = false
      } else if byte == UInt8(ascii: ".") && allowsDots && mayEnd {
        mayEnd = false
        isFirst = true
      } else {
        return false
      }
    }
    return mayEnd
  }

  private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
  }
}
