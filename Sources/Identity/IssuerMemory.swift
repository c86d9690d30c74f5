import FederationAPI
import Synchronization

/// The issuers that tokens came from last, so that a token of a known one costs no search through the trust.
///
/// It belongs to one trust, and goes with it.
final class IssuerMemory: Sendable {
  /// So few that to compare with each takes less than a table; further issuers take each other's places.
  private static let maximumCount = 8
  private let known = Mutex<[IssuerFederations]>([])

  /// What `trust`, whose memory this is, says of `issuer`.
  func federations(of issuer: String, _ trust: Trust, _ bundles: FederationBundles) -> IssuerFederations {
    if let found = find(issuer) { return found }
    let made = IssuerFederations(issuer: issuer, trust: trust, bundles: bundles)
    // Anybody can make up an issuer; only those of the manifests are worth a place.
    if !made.members.isEmpty {
      known.withLock { known in
        if known.count >= Self.maximumCount { known.removeFirst() }
        known.append(made)
      }
    }
    return made
  }

  private func find(_ issuer: String) -> IssuerFederations? {
    let bytes = issuer.utf8.span.bytes
    return known.withLock { known in
      for index in known.indices where bytes.isEqual(to: known[index].issuer.utf8.span.bytes) { return known[index] }
      return nil
    }
  }
}
