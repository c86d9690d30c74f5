import Synchronization

/// Why tokens were refused where nobody could be told: on the way on which calls are answered from memory. The call
/// then comes to ``Authenticator/verify(_:caCertificates:trust:)``, which takes the reason instead of checking the same
/// signature once more.
final class HandedOverRefusals: Sendable {
  private struct Entry: Sendable {
    let token: TokenDigest
    let generation: UInt64
    let reason: String
  }

  /// A reason is taken at once by who put it, so there are as many as event loops; more are not kept.
  private static let maximumCount = 64
  private let entries = Mutex<[Entry]>([])

  /// How many reasons nobody has taken yet, for tests and metrics.
  var count: Int { entries.withLock { $0.count } }

  func put(_ reason: String, _ token: TokenDigest, generation: UInt64) {
    entries.withLock { entries in
      // What nobody took must not refuse a later call: another generation may judge otherwise.
      entries.removeAll { $0.generation < generation || $0.token == token }
      if entries.count >= HandedOverRefusals.maximumCount { entries.removeFirst() }
      entries.append(Entry(token: token, generation: generation, reason: reason))
    }
  }

  /// Takes the reason out, so that a later call with the token is judged anew.
  func take(_ token: TokenDigest, generation: UInt64) -> String? {
    entries.withLock { entries in
      guard let index = entries.firstIndex(where: { $0.token == token && $0.generation == generation })
      else { return nil }
      return entries.remove(at: index).reason
    }
  }
}
