import FederationAPI

@testable import FederationClient
@testable import Resources

extension FuzzTarget {
  /// Names that are taken are made of what such names may be made of.
  static let names = FuzzTarget(text: "names") { text in
    if SPIFFEID.isValid(text) {
      let domain = SPIFFEID.trustDomain(of: text)
      try hold(!domain.isEmpty && text.utf8.starts(with: "spiffe://\(domain)/".utf8), "an ID begins with its domain")
      // A trust domain may well be of dots alone; what would be resolved is a path's.
      let path = text.dropFirst("spiffe://\(domain)".count)
      try hold(!path.contains("/../") && !path.hasSuffix("/"), "an ID has one spelling")
    }
    if KubernetesName.isSubdomain(text) {
      try hold(text.utf8.allSatisfy { $0 < 0x80 } && text == text.lowercased(), "a name is lower-case ASCII")
      try hold(!text.contains("..") && !text.contains("/"), "a name is no path")
    }
    let variable = EnvironmentVariableName.derived(from: text)
    let isVariable = variable.utf8.allSatisfy {
      (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
    }
    try hold(isVariable && variable.utf8.count == text.unicodeScalars.count, "a variable's name is one")
    let generators = (try? GeneratorList.parse([text], namespace: "ns", kind: "Password")) ?? []
    for generator in generators {
      try hold(![generator.namespace, generator.kind, generator.name].contains(""), "a generator is named in full")
    }
  }
}
