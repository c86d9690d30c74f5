import Crypto
import FederationAPI
import Resources
import Synchronization

/// The federations' own certificate bundles, parsed once and not for every token.
final class FederationBundles: Sendable {
  private struct Parsed {
    let pem: [UInt8]
    let bundle: CertificateBundle?
  }

  private let parsed = Mutex<[FederationReference: Parsed]>([:])

  /// The bundle `pem` of the federation's `spec.caBundle`; nil when there is none. Throws when it cannot be parsed, since the caller's
  /// bundle must not stand in for it.
  func bundle(_ pem: [UInt8]?, of reference: FederationReference) throws(Refusal) -> CertificateBundle? {
    guard let pem else { return nil }
    let bundle = parsed.withLock { parsed in
      if let known = parsed[reference], known.pem == pem { return known.bundle }
      let bundle = try? CertificateBundle(pem: pem)
      parsed[reference] = Parsed(pem: pem, bundle: bundle)
      return bundle
    }
    guard let bundle else { throw Refusal("the federation's caBundle is not a list of PEM certificates") }
    return bundle
  }

  /// Drops what belongs to federations that are gone.
  func keepOnly(_ federations: [FederationReference: Federation]) {
    parsed.withLock { parsed in parsed = parsed.filter { federations[$0.key] != nil } }
  }
}
