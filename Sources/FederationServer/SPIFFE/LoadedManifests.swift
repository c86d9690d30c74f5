import Crypto
import FederationAPI
import Resources

/// What is served now: the count of what was served before, and what may change without the manifests.
struct LoadedManifests: Sendable {
  /// Rises with each change.
  private(set) var generation: UInt64 = 1
  /// The bundles of the SpiffeFederations.
  private(set) var bundles: [FederationReference: SPIFFETrustBundle]
  /// Kept only where bundles may change: manifests may be many.
  private var manifests: Manifests?

  /// The first that are served.
  init(_ manifests: Manifests, _ source: TrustBundles) {
    bundles = source.current(manifests.spiffeFederations)
    self.manifests = manifests.spiffeFederations.isEmpty ? nil : manifests
  }

  /// Takes others in their place.
  mutating func replace(_ manifests: Manifests, _ source: TrustBundles) {
    generation += 1
    bundles = source.current(manifests.spiffeFederations)
    self.manifests = manifests.spiffeFederations.isEmpty ? nil : manifests
  }

  /// Looks at the bundles anew; gives the manifests to be served with them when any is not what it was.
  mutating func refresh(_ source: TrustBundles) -> Manifests? {
    guard let manifests else { return nil }
    let fresh = source.current(manifests.spiffeFederations)
    guard fresh != bundles else { return nil }
    generation += 1
    bundles = fresh
    return manifests
  }

  /// The files that bundles come from.
  var files: Set<String> { manifests.map { TrustBundles.files($0.spiffeFederations) } ?? [] }
}
