import FederationAPI
import Ledger

/// Who is calling, and for which workload.
struct VerifiedCaller: Sendable {
  let identity: VerifiedIdentity
  /// What the `x-workload-token` names, else the proof's own workload. It says whom a credential belongs to and never
  /// what is allowed (docs/SECURITY.md, D11).
  let workload: KubernetesAttributes?

  init(_ identity: VerifiedIdentity) {
    self.init(identity, workload: identity.kubernetes)
  }

  init(_ identity: VerifiedIdentity, workload: KubernetesAttributes?) {
    self.identity = identity
    self.workload = workload
  }

  /// Throws the documented refusal of a workload without a service account.
  func checkWorkload() throws(RPCError) {
    guard workload != nil || !identity.hasIncompleteWorkload else {
      throw RPCError(.invalidArgument, "missing kubernetes service account")
    }
  }

  /// As the audit trail names the caller: with the federations whose grants counted, or, where none did, those that
  /// verified it.
  func audited(_ granting: Set<FederationReference>) -> AuditIdentity {
    AuditIdentity(
      method: identity.method, provider: identity.provider, subject: identity.subject,
      federations: granting.isEmpty ? identity.federations : granting)
  }
}
