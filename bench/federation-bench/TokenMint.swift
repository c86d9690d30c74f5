import FederationAPI
import JSON
import LoadGenerator
import TestSupport

/// Makes tokens that differ from each other, on all cores: an RSA signature takes most of a millisecond.
struct TokenMint: Sendable {
  private let key: TestSigningKey
  private let issuer: String
  private let subjects: Int
  private let padding: String
  private let now = WallClock.nowSeconds

  private static let day: Int64 = 86_400

  init(issuer: OIDCIssuer, subjects: Int, tokenBytes: Int) throws {
    self.issuer = issuer.issuer
    self.subjects = subjects
    key = issuer.signingKey
    let bare = TokenMint(key: key, issuer: issuer.issuer, subjects: subjects, padding: "")
    // Each byte of a claim is four thirds of one in the token.
    let missing = max(0, tokenBytes - (try bare.token(0)).utf8.count)
    padding = String(repeating: "x", count: missing * 3 / 4)
  }

  private init(key: TestSigningKey, issuer: String, subjects: Int, padding: String) {
    self.key = key
    self.issuer = issuer
    self.subjects = subjects
    self.padding = padding
  }

  /// The token numbered `number`, for the subject whose turn it is.
  private func token(_ number: Int) throws -> String {
    let claims = ServiceAccountClaims(
      issuer: issuer, namespace: ManifestSet.namespace, serviceAccount: "app-\(number % subjects)",
      audiences: [ManifestSet.audience], now: now - 60, lifetime: Self.day
    ).overriding(["jti": .string("token-\(number)"), "padding": .string(padding)])
    return try key.token(claims)
  }

  /// Those tokens, one a line, in order.
  func lines(_ numbers: Range<Int>) async throws -> [UInt8] {
    let share = 64
    return try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { tasks in
      for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: share) {
        tasks.addTask {
          let part = start..<min(start + share, numbers.upperBound)
          return (start, try part.flatMap { Array((try token($0) + "\n").utf8) })
        }
      }
      var parts: [Int: [UInt8]] = [:]
      for try await (start, lines) in tasks { parts[start] = lines }
      return parts.sorted { $0.key < $1.key }.flatMap(\.value)
    }
  }
}
