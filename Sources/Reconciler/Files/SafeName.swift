import Resources
import FederationAPI

/// Names of objects as parts of paths. Kubernetes' own rules leave nothing that a path could be led astray by; what comes
/// from elsewhere is checked all the same.
enum SafeName {
  /// `NAMESPACE/NAME` below a directory, for a name that is two plain path components.
  static func path(_ name: ResourceName, in directory: String, suffix: String) throws(RPCError) -> String {
    guard isPlain(name.namespace), isPlain(name.name) else {
      throw RPCError(.failedPrecondition, "a name cannot be that of a file")
    }
    return "\(directory)/\(name.namespace)/\(name.name)\(suffix)"
  }

  /// Whether it is one component, of lower-case letters, digits, `-` and `.`, and does not begin with a dot.
  static func isPlain(_ name: String) -> Bool {
    guard let first = name.utf8.first, first != UInt8(ascii: "."), name.utf8.count <= 240 else { return false }
    return name.utf8.allSatisfy { byte in
      (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: ".")
    }
  }
}
