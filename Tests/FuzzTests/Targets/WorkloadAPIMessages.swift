import Crypto
import FederationAPI

@testable import WorkloadAPI

extension FuzzTarget {
  /// What the Workload API gives is a workload's own SVID with its bundle, or is refused in a few words.
  static let workloadAPIResponse = FuzzTarget("workload-api-response") { bytes in
    for role in [SVIDRole.client, .server] {
      let material: SPIFFEMaterial
      do throws(RPCError) {
        material = try X509SVIDResponse.material(bytes, for: role)
      } catch {
        try hold([.internal, .unavailable, .failedPrecondition].contains(error.code), "a refusal has its code")
        try hold(error.message.utf8.count <= 4_096, "a refusal does not repeat the message")
        continue
      }
      try hold(SPIFFEID.isValid(material.svid.id), "an SVID names a workload")
      try hold(material.bundles[material.svid.leaf.trustDomain] != nil, "an SVID comes with its bundle")
      try hold(material.bundles.allSatisfy { $0 == $1.trustDomain }, "a bundle stands under its own name")
      try hold((1...SPIFFETrustBundle.maximumChain).contains(material.svid.certificates.count), "chains are bounded")
    }
  }

  /// An address is an absolute path that a socket can have, and is written so that it reads the same.
  static let workloadAPIAddress = FuzzTarget(text: "workload-api-address") { text in
    guard let address = try? WorkloadAPIAddress(parsing: text) else { return }
    try hold(address.path.utf8.first == UInt8(ascii: "/"), "a socket's path is absolute")
    try hold((2...107).contains(address.path.utf8.count), "a socket's path is bounded")
    try hold(!address.path.utf8.contains(0), "a socket's path ends where it ends")
    try hold(try WorkloadAPIAddress(parsing: address.description) == address, "an address comes back")
  }
}
