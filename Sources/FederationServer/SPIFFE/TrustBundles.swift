import Crypto
import FederationAPI
import Logging
import Resources

/// Finds the bundles of SpiffeFederations, wherever each has its own. One that cannot be had leaves its federation without,
/// and no other: its callers are refused until there is one.
struct TrustBundles: Sendable {
  /// The Workload API; nil when the server has none.
  let source: (any SPIFFESource)?
  let log: Log

  /// The bundles to be had now; the log is told of the others.
  func current(_ federations: [SpiffeFederation]) -> [FederationReference: SPIFFETrustBundle] {
    var bundles: [FederationReference: SPIFFETrustBundle] = [:]
    for federation in federations {
      do throws(RPCError) {
        bundles[Federation.spiffe(federation).reference] = try bundle(of: federation)
      } catch {
        log.write(
          .error, "trust_bundle_unavailable",
          [
            "federation": federation.name, "manifest": "\(federation.location)", "field": federation.bundle.field,
            "reason": error.message, "effect": "its SPIFFE IDs are refused",
          ])
      }
    }
    return bundles
  }

  private func bundle(of federation: SpiffeFederation) throws(RPCError) -> SPIFFETrustBundle {
    switch federation.bundle {
    case .inline(let bundle): return bundle
    case .file(let path): return try SVIDFiles.bundle(path, of: federation.trustDomain)
    case .workloadAPI:
      guard let source else {
        throw RPCError(
          .failedPrecondition,
          "there is no Workload API to ask: give trustBundle or trustBundleFile, or start the server with "
            + "--spiffe-workload-api")
      }
      guard let material = source.feed.latest else {
        throw RPCError(.unavailable, source.feed.failure ?? "the Workload API has not answered yet")
      }
      guard let bundle = material.bundles[federation.trustDomain] else {
        throw RPCError(
          .notFound,
          "the Workload API has no bundle of the trust domain \(federation.trustDomain): federate with it there, or give "
            + "trustBundle or trustBundleFile")
      }
      return bundle
    }
  }

  /// The files that bundles come from.
  static func files(_ federations: [SpiffeFederation]) -> Set<String> {
    Set(federations.compactMap { if case .file(let path) = $0.bundle { path } else { nil } })
  }
}

extension SpiffeFederation.Bundle {
  /// The field of the manifest that says where the bundle is.
  fileprivate var field: String {
    switch self {
    case .inline: "spec.trustBundle"
    case .file: "spec.trustBundleFile"
    case .workloadAPI: "spec"
    }
  }
}
