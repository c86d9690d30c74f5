/// SPIFFE IDs as the SPIFFE-ID standard, section 2, writes them.
public enum SPIFFEID {
  private static let scheme = "spiffe://"

  /// The name of the ID's trust domain: `example.org` of `spiffe://example.org/app`; empty for what is no SPIFFE ID.
  public static func trustDomain(of id: String) -> String {
    guard id.hasPrefix(scheme) else { return "" }
    return String(id.dropFirst(scheme.count).prefix { $0 != "/" })
  }

  /// Whether `id` is a workload's SPIFFE ID: at most 2048 bytes, a trust domain of lower-case letters, digits,
  /// `.`, `-` and `_`, and a path of non-empty segments that are neither `.` nor `..`.
  public static func isValid(_ id: String) -> Bool {
    guard id.utf8.count <= 2048, id.hasPrefix(scheme) else { return false }
    let parts = id.utf8.dropFirst(scheme.utf8.count).split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard let domain = parts.first, parts.count > 1 else { return false }
    return isTrustDomain(String(Substring(domain)))
      && parts.dropFirst().allSatisfy { segment in
        !segment.isEmpty && segment.allSatisfy(isUnreserved) && !segment.elementsEqual(".".utf8)
          && !segment.elementsEqual("..".utf8)
      }
  }

  /// Whether `name` is a trust domain's name: 1 to 255 lower-case letters, digits, `.`, `-` and `_`.
  public static func isTrustDomain(_ name: String) -> Bool {
    (1...255).contains(name.utf8.count)
      && name.utf8.allSatisfy { isUnreserved($0) && !(0x41...0x5A).contains($0) }
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }
}
