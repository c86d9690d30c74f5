import FederationAPI
import JSON
import Logging
import Resources

/// One login at Vault: made when it is first needed, renewed while it can be, and made again when it is over or was
/// revoked, or what it was made with has changed.
actor VaultSession {
  /// How long a refused login is not tried again: Vault may lock out who tries too often.
  private static let refusedSeconds = 5.0
  /// How long after a token was put in place of a refused one the next is not replaced: a Vault that refuses each token
  /// must not be asked for another one by each question.
  private static let replacementPause = 10.0
  /// The shortest pause between attempts to renew.
  private static let shortestDelay = 1.0
  /// The longest pause between attempts to find out what a token of the operator's is.
  private static let longestDelay = 60.0

  private let exchange: VaultExchange
  private let store: String
  private let log: Log
  private var token: VaultToken?
  private var login: Task<Result<VaultToken, BackendError>, Never>?
  private var refusal: (error: BackendError, until: MonotonicTime)?
  private var renewal: Task<Void, Never>?
  private var isClosed = false
  /// The token that something was read with: when it is refused, the secrets are not.
  private var goodToken: SecretBytes?
  private var replacedAt: MonotonicTime?
  /// That of ``ProviderSecrets`` which the token is from.
  private var revision: UInt64

  init(exchange: VaultExchange, store: String, log: Log) {
    self.exchange = exchange
    revision = exchange.secrets.revision
    self.store = store
    self.log = log
  }

  /// Asks `request` with the session's token; once more with a new one when Vault has forgotten the first.
  func send(
    _ request: VaultExchange.Request, deadline: MonotonicTime
  ) async throws(BackendError) -> SecretBytes {
    let token = try await current(deadline)
    do throws(BackendError) {
      return try await answer(to: request, token, deadline)
    } catch .denied(let reason) {
      guard let other = try await replacement(of: token, deadline) else { throw .denied(reason: reason) }
      return try await answer(to: request, other, deadline)
    }
  }

  private func answer(
    to request: VaultExchange.Request, _ token: VaultToken, _ deadline: MonotonicTime
  ) async throws(BackendError) -> SecretBytes {
    let answer = try await exchange.send(request, token: token.text, deadline: deadline)
    goodToken = token.secret
    return answer
  }

  /// Ends `token`, which is not the session's own.
  func revoke(other token: String, namespace: String?, deadline: MonotonicTime) async throws(BackendError) {
    let request = VaultExchange.Request(
      method: "POST", path: "auth/token/revoke-self", body: [:], namespace: namespace)
    _ = try await exchange.send(request, token: token, deadline: deadline)
  }

  /// Stops the renewal. Questions that are under way are still answered.
  func close() {
    isClosed = true
    renewal?.cancel()
  }

  private func current(_ deadline: MonotonicTime) async throws(BackendError) -> VaultToken {
    forgetIfChanged()
    if case .token(let source) = exchange.spec.authentication {
      // Looked up each time: the operator may have put another one there.
      let text = try exchange.secrets.text(source)
      if let token, token.text == text { return token }
      return adopt(text)
    }
    if let token, !token.isOver(at: .now) { return token }
    return try await logIn(deadline)
  }

  /// Another token for a question that was refused with `token`; nil when the token is good and the question is not, or
  /// when it was got just now in place of another and never was good.
  private func replacement(of token: VaultToken, _ deadline: MonotonicTime) async throws(BackendError) -> VaultToken? {
    if case .token = exchange.spec.authentication { return nil }
    if let current = self.token, current.secret != token.secret { return current }
    let lookup = VaultExchange.Request(path: "auth/token/lookup-self", namespace: loginNamespace)
    do throws(BackendError) {
      _ = try await exchange.send(lookup, token: token.text, deadline: deadline)
      return nil
    } catch {
      // A Vault that errs says nothing of the token.
      if error.isOutage { throw error }
    }
    // Another question may have found the same meanwhile.
    guard self.token?.secret == token.secret else { return try await current(deadline) }
    if let replacedAt, MonotonicTime.now < replacedAt.advanced(bySeconds: Self.replacementPause) {
      guard goodToken == token.secret else { return nil }
      throw .busy(retryAfterSeconds: nil)
    }
    replacedAt = .now
    self.token = nil
    return try await current(deadline)
  }

  private var loginNamespace: String? { exchange.spec.loginNamespace ?? exchange.spec.namespace }

  /// Ends the login when a Secret that it was made with is another one now, or none.
  private func forgetIfChanged() {
    guard revision != exchange.secrets.revision else { return }
    revision = exchange.secrets.revision
    (token, login, refusal, replacedAt) = (nil, nil, nil, nil)
    renewal?.cancel()
    renewal = nil
  }

  /// One login for all who need it.
  private func logIn(_ deadline: MonotonicTime) async throws(BackendError) -> VaultToken {
    let exchange = exchange
    if let refusal, MonotonicTime.now < refusal.until { throw refusal.error }
    if let login { return try await login.value.get() }
    let namespace = loginNamespace
    let task = Task { () async -> Result<VaultToken, BackendError> in
      do throws(BackendError) {
        return .success(try await VaultLogin(exchange: exchange, namespace: namespace).token(deadline))
      } catch { return .failure(error) }
    }
    login = task
    let result = await task.value
    // One that was made with what has changed meanwhile is for those who waited for it, and for nobody after them.
    guard login == task else { return try result.get() }
    login = nil
    switch result {
    case .success(let token):
      refusal = nil
      keep(token)
      log.write(.info, "vault_login", ["store": store, "seconds": "\(Int(token.leaseSeconds))"])
      return token
    case .failure(let error):
      if !error.isOutage { refusal = (error, MonotonicTime.now.advanced(bySeconds: Self.refusedSeconds)) }
      throw error
    }
  }

  /// Takes a token of the operator's, and finds out beside the questions whether it has to be renewed.
  private func adopt(_ text: String) -> VaultToken {
    let token = VaultToken(text: text, givenAt: .now)
    self.token = token
    renewal?.cancel()
    renewal = Task { [weak self] in
      var pause = Self.shortestDelay
      // A Vault that is away now may be back before the token ends.
      while await self?.isLookedUp(token.secret) == false {
        try? await Task.sleep(for: .seconds(pause))
        pause = min(pause * 2, Self.longestDelay)
      }
    }
    return token
  }

  /// Has Vault describe the operator's token. False when it could not, and is to be asked again.
  private func isLookedUp(_ secret: SecretBytes) async -> Bool {
    forgetIfChanged()
    guard let token, token.secret == secret, !isClosed, !Task.isCancelled else { return true }
    let lookup = VaultExchange.Request(path: "auth/token/lookup-self", namespace: loginNamespace)
    do throws(BackendError) {
      let askedAt = MonotonicTime.now
      let answer = try await exchange.send(lookup, token: token.text, deadline: askedAt.advanced(bySeconds: 10))
      if self.token?.secret == secret { keep(VaultToken(text: token.text, lookup: answer, givenAt: askedAt)) }
      return true
    } catch {
      log.write(.info, "vault_token_unknown", ["store": store, "reason": error.reason])
      return !error.isOutage
    }
  }

  private func keep(_ token: VaultToken) {
    self.token = token
    renewal?.cancel()
    renewal = nil
    guard token.isRenewable, token.leaseSeconds > 0, !isClosed else { return }
    let delay = max(Self.shortestDelay, token.renewalDelay(at: .now))
    renewal = Task { [weak self] in
      try? await Task.sleep(for: .seconds(delay))
      if !Task.isCancelled { await self?.renew(token) }
    }
  }

  private func renew(_ token: VaultToken) async {
    forgetIfChanged()
    guard self.token?.secret == token.secret, !isClosed else { return }
    let request = VaultExchange.Request(
      method: "POST", path: "auth/token/renew-self", body: .object([:]), namespace: loginNamespace)
    do throws(BackendError) {
      let askedAt = MonotonicTime.now
      let answer = try await exchange.send(
        request, token: token.text, deadline: askedAt.advanced(bySeconds: 10))
      guard self.token?.secret == token.secret else { return }
      if let renewed = VaultToken(answer: answer, givenAt: askedAt) { return keep(renewed) }
      log.write(.warning, "vault_not_renewed", ["store": store, "reason": "the answer has no token"])
    } catch {
      log.write(.warning, "vault_not_renewed", ["store": store, "reason": error.reason])
      guard error.isOutage, self.token?.secret == token.secret, !token.isOver(at: .now) else { return }
      renewal = Task { [weak self] in
        try? await Task.sleep(for: .seconds(max(Self.shortestDelay, token.leaseSeconds / 20)))
        if !Task.isCancelled { await self?.renew(token) }
      }
    }
  }
}
