import FederationAPI
import Ledger
import Logging
import Resources

/// Finds the Secrets that the cleanup of issued credentials needs, by the manifests that the ledger keeps with them: those of
/// objects that have changed or gone, too.
actor SecretLedger {
  private static let kinds = Set(GeneratorKind.leavingTraces.map(\.rawValue))

  private let ledger: any Ledger
  private let log: Log
  /// What was read already, by manifest.
  private var read: [String: Set<ResourceName>] = [:]

  init(_ ledger: any Ledger, log: Log) {
    self.ledger = ledger
    self.log = log
  }

  /// Their names; nil while the ledger cannot tell.
  func names() async -> Set<ResourceName>? {
    do throws(LedgerError) {
      let manifests = try await ledger.resources(ofKinds: Self.kinds)
      var next: [String: Set<ResourceName>] = [:]
      for manifest in manifests { next[manifest] = read[manifest] ?? Self.secrets(manifest) }
      read = next
      return next.values.reduce(into: []) { $0.formUnion($1) }
    } catch {
      log.write(.error, "ledger_failed", ["doing": "find the Secrets of what was issued", "reason": error.message])
      return nil
    }
  }

  /// None of a manifest that this version cannot read: its cleanup says so.
  private static func secrets(_ manifest: String) -> Set<ResourceName> {
    do throws(RPCError) { return try GeneratorResource(snapshot: manifest).cleanupSecrets } catch { return [] }
  }
}
