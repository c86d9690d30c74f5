import Crypto
import FederationAPI
import Policy
import Resources

/// Peers that prove themselves by an X.509-SVID when they connect.
extension Authenticator {
  /// Whom `certificates` (DER, the peer's own first) prove the peer to be under `trust`.
  ///
  /// An ID counts only when an Authorization names it whose federation is of the ID's trust domain (docs/SECURITY.md, D25),
  /// and only with those federations whose bundle verifies the certificates.
  public func identity(
    ofPeer certificates: [[UInt8]], trust: Trust
  ) throws(SVIDRefusal) -> VerifiedIdentity {
    let leaf = try Self.leaf(certificates)
    guard let workload = KubernetesAttributes(spiffeID: leaf.id) else {
      throw SVIDRefusal(
        .notAuthorized,
        "invalid spiffe path of \(leaf.id); should follow the pattern \(KubernetesAttributes.spiffePathForm)")
    }
    let named = trust.policy.federations(trustDomain: leaf.trustDomain, spiffeID: leaf.id).filter { reference in
      guard case .spiffe(let federation) = trust.federations[reference] else { return false }
      return federation.trustDomain.utf8.elementsEqual(leaf.trustDomain.utf8)
    }
    let now = settings.wallClock()
    guard !named.isEmpty else {
      // Whoever only claims an ID must not learn by the alert whether it has grants.
      let isMember = trust.bundles.values.contains { bundle in
        (try? bundle.verify(certificates, as: .client, atSeconds: now)) != nil
      }
      throw SVIDRefusal(isMember ? .notAuthorized : .untrusted, "not authorized spiffe id: \(leaf.id)")
    }

    var refusal = SVIDRefusal(.untrusted, "\(leaf.id): the bundle of its federation is not to be had")
    var federations: Set<FederationReference> = []
    var expiresAtSeconds = Int64.max
    for reference in named {
      guard let bundle = trust.bundles[reference] else { continue }
      do throws(CryptoError) {
        let verified = try bundle.verify(certificates, as: .client, atSeconds: now)
        federations.insert(reference)
        // Over as soon as one of them would not say so again. Tokens live on for a while, for clocks that differ; a
        // certificate does not, here as in the handshake.
        expiresAtSeconds = min(expiresAtSeconds, verified.expiresAtSeconds - TokenClaims.leewaySeconds)
      } catch {
        refusal = SVIDRefusal(error)
      }
    }
    guard !federations.isEmpty else { throw refusal }
    return VerifiedIdentity(
      method: .spiffe, provider: leaf.trustDomain, subject: leaf.id, kubernetes: workload, federations: federations,
      expiresAtSeconds: expiresAtSeconds, trustGeneration: trust.generation)
  }

  /// How long what was found wrong under one trust is not looked at again: time alone may mend it, as where a
  /// certificate's has not begun or a clock was wrong.
  private static let refusalSeconds = 60.0

  /// Whom the peer of `binding` is under `trust`: what it showed when it connected is looked at anew under each trust, so
  /// that an open connection ends with the grant, the bundle and the SVID.
  func identity(ofPeer binding: ConnectionIdentity, trust: Trust) throws(Refusal) -> VerifiedIdentity {
    let known = binding.identity
    if let known, known.trustGeneration == trust.generation {
      if TokenClaims.isExpired(known.expiresAtSeconds, now: settings.wallClock()) {
        throw Refusal("\(known.subject): the connection's SVID has expired")
      }
      return known
    }
    let now = settings.monotonicClock()
    if let reason = binding.peerRefusal(generation: trust.generation, at: now) { throw Refusal(reason) }
    do throws(SVIDRefusal) {
      let fresh = try identity(ofPeer: binding.certificates, trust: trust)
      if fresh.trustGeneration > known?.trustGeneration ?? 0 { binding.bind(fresh) }
      return fresh
    } catch {
      binding.refusePeer(
        error.reason, generation: trust.generation, until: now.advanced(bySeconds: Self.refusalSeconds))
      throw Refusal(error.reason)
    }
  }

  private static func leaf(_ certificates: [[UInt8]]) throws(SVIDRefusal) -> SVIDLeaf {
    guard let first = certificates.first else { throw SVIDRefusal(.invalid, "the peer shows no certificate") }
    do throws(CryptoError) { return try SVIDLeaf(der: first, for: .client) } catch { throw SVIDRefusal(error) }
  }
}

extension SVIDRefusal {
  fileprivate init(_ error: CryptoError) {
    let kind: Kind =
      switch error {
      case .expiredSVID: .expired
      case .untrustedSVID: .untrusted
      default: .invalid
      }
    self.init(kind, "\(error)")
  }
}
