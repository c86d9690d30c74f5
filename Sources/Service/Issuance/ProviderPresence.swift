import FederationAPI
import Identity
import Ledger
import Synchronization

/// Finds out at Okta and PingOne whether the identities that credentials were made for are still there.
///
/// A credential that several federations vouched for lives while one of them may: an identity is gone when the providers
/// of all of them that are still there say so.
///
/// An identity counts as gone when its provider has said so for the grace of revocations, so that one that is deleted and
/// made again at once loses nothing.
public final class ProviderPresence: PresenceCheck {
  private struct Asked: Sendable {
    var answer: ProviderAnswer
    var at: Int64
    var goneSince: Int64?
  }

  /// How long an answer stands, in seconds: the credentials of one identity are looked at one after the other.
  private static let answerSeconds: Int64 = 15
  private static let maximumAnswers = 10_000
  private let management: ManagementClient
  private let settings: IssuanceSettings
  private let snapshot: @Sendable () -> ServiceSnapshot
  private let asked = Mutex<[IdentityReference: Asked]>([:])

  /// Asks by `management`, with the access that `handlers`' manifests give.
  public init(management: ManagementClient, handlers: FederationHandlers, settings: IssuanceSettings) {
    self.management = management
    self.settings = settings
    snapshot = { handlers.snapshot }
  }

  /// Asks the providers of the identity that `state` was made for; unknown where a federation has no access to one.
  public func presence(ofOwner state: GeneratorState) async -> Presence {
    let snapshot = snapshot()
    var answers: [Presence] = []
    for federation in state.identity.federations.byName where snapshot.trust.federations[federation] != nil {
      var identity = state.identity
      identity.federations = [federation]
      // All are asked, so that the grace of each runs.
      answers.append(await presence(of: identity, federation, snapshot.management[federation]))
    }
    if answers.contains(.present) { return .present }
    return answers.contains(.unknown) ? .unknown : answers.first ?? .unknown
  }

  private func presence(
    of identity: IdentityReference, _ federation: FederationReference, _ access: ManagementAccess?
  ) async -> Presence {
    guard let access else { return .unknown }
    let now = settings.wallClock()
    let known = asked.withLock { $0[identity] }
    var current = known
    if known.map({ now - $0.at >= Self.answerSeconds }) ?? true {
      let answer = await management.presence(of: identity.subject, federation, access)
      // An error in between does not make an identity come back; only the provider's word does.
      let goneSince = answer == .present ? nil : known?.goneSince ?? (answer == .gone ? now : nil)
      let fresh = Asked(answer: answer, at: now, goneSince: goneSince)
      current = fresh
      asked.withLock { asked in
        if asked.count >= Self.maximumAnswers { asked = [:] }
        asked[identity] = fresh
      }
    }
    guard let current else { return .unknown }
    switch current.answer {
    case .present: return .present
    case .unknown: return .unknown
    case .gone:
      guard let since = current.goneSince, now - since >= settings.revocationGraceSeconds else { return .unknown }
      return .gone(reason: "its provider says that the identity is gone")
    }
  }
}
