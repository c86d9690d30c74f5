import Synchronization

/// The verifications of one key that are set up and not in use.
final class PreparedVerifications: Sendable {
  /// One for each thread that verifies at the same time; what is past that was set up in a crowd and is freed.
  private static let maximumIdle = 8
  private let idle = Mutex<[PreparedVerification]>([])

  /// One that nobody else has, nil when none is left.
  func take(_ algorithm: SignatureAlgorithm) -> PreparedVerification? {
    idle.withLock { idle in
      idle.lastIndex { $0.algorithm == algorithm }.map { idle.remove(at: $0) }
    }
  }

  /// Takes one back that its caller uses no more.
  func giveBack(_ verification: PreparedVerification) {
    idle.withLock { idle in
      // The oldest makes room, so that an algorithm that is used no more does not keep its place.
      if idle.count >= Self.maximumIdle { idle.removeFirst() }
      idle.append(verification)
    }
  }
}
