import FederationAPI

/// What a workload proves itself with, and knows others by, at one moment.
public struct SPIFFEMaterial: Sendable {
  /// The workload's own SVID.
  public let svid: X509SVID
  /// The bundles by the names of their trust domains: its own, and those that are federated with it.
  public let bundles: [String: SPIFFETrustBundle]

  /// Makes the value.
  public init(svid: X509SVID, bundles: [String: SPIFFETrustBundle]) {
    self.svid = svid
    self.bundles = bundles
  }

  /// Verifies the certificates that a peer shows against the bundle of its trust domain; throws
  /// ``CryptoError/untrustedSVID(_:)`` where there is none.
  public func verify(
    _ chain: [[UInt8]], as role: SVIDRole, atSeconds now: Int64
  ) throws(CryptoError) -> VerifiedSVID {
    guard let first = chain.first else { throw .invalidSVID("the peer shows no certificate") }
    let leaf = try SVIDLeaf(der: first, for: role)
    guard let bundle = bundles[leaf.trustDomain] else {
      throw .untrustedSVID("\(leaf.id): there is no bundle of the trust domain \(leaf.trustDomain)")
    }
    return try bundle.verify(chain, as: role, atSeconds: now)
  }
}

/// Where SVIDs and bundles come from, the newest at any moment.
public protocol SPIFFESource: Sendable {
  /// What is published so far, and what is to come.
  var feed: SPIFFEFeed { get }

  /// Ends the source; nothing is published afterwards.
  func close()
}
