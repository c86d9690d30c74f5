import FederationAPI

/// A service account's token: kept until shortly before it ends, and made again when a backend that took it takes it no
/// more.
actor ServiceAccountCredential {
  typealias Lease = ExpiringCredential<SecretBytes>.Lease

  /// How long a token that no backend has taken is not replaced, in seconds: one that refuses each token must not have
  /// another one made by each question.
  private static let replacementPause = 10.0

  private let credential: ExpiringCredential<SecretBytes>
  private var token: SecretBytes?
  private var since = MonotonicTime.now
  private var isTaken = false

  /// `obtain` is as ``ExpiringCredential``'s.
  init(_ obtain: @escaping @Sendable (_ deadline: MonotonicTime) async throws(BackendError) -> Lease) {
    credential = ExpiringCredential(obtain)
  }

  /// Asks `question` with the token, and once more with another one when `isRefused` says that the answer refuses the
  /// first.
  func answer<Answer: Sendable>(
    deadline: MonotonicTime, isRefused: @Sendable (Answer) -> Bool,
    to question: @Sendable (SecretBytes) async throws(BackendError) -> Answer
  ) async throws(BackendError) -> Answer {
    let first = try await current(deadline)
    let answer = try await question(first)
    guard isRefused(answer) else {
      note(taken: first)
      return answer
    }
    guard await isReplaceable(first) else { return answer }
    let second = try await current(deadline)
    let other = try await question(second)
    if !isRefused(other) { note(taken: second) }
    return other
  }

  private func current(_ deadline: MonotonicTime) async throws(BackendError) -> SecretBytes {
    let value = try await credential.value(deadline: deadline)
    if value != token { (token, since, isTaken) = (value, .now, false) }
    return value
  }

  private func note(taken token: SecretBytes) {
    if token == self.token { isTaken = true }
  }

  /// Whether there is, or can be, another token in place of one that was refused, which is forgotten then.
  private func isReplaceable(_ refused: SecretBytes) async -> Bool {
    // Another question may have found the same meanwhile.
    guard refused == token else { return true }
    guard isTaken || since.advanced(bySeconds: Self.replacementPause) <= .now else { return false }
    token = nil
    await credential.discard()
    return true
  }
}
