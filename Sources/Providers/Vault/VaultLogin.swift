import FederationAPI
import JSON
import Resources

/// Asks Vault for a token by one of its auth methods.
struct VaultLogin: Sendable {
  let exchange: VaultExchange
  let namespace: String?

  /// The token. The credentials are looked up each time, so that rotated ones are used.
  func token(_ deadline: MonotonicTime) async throws(BackendError) -> VaultToken {
    let secrets = exchange.secrets
    switch exchange.spec.authentication {
    case .token(let source):
      return VaultToken(text: try secrets.text(source), givenAt: .now)
    case .appRole(let mount, let roleID, let secretID):
      let role =
        switch roleID {
        case .plain(let text): text
        case .source(let source): try secrets.text(source)
        }
      let body: JSONValue = ["role_id": .string(role), "secret_id": .string(try secrets.text(secretID))]
      return try await post("\(mount)/login", body, deadline)
    case .jwt(let mount, let role, let token):
      return try await logIn(mount, role, try secrets.text(token), deadline)
    case .serviceAccount(let mount, let role, _):
      return try await byServiceAccount(mount, role, deadline)
    case .certificate(let mount, let role, let certificate):
      let body: JSONValue = role.map { ["name": .string($0)] } ?? [:]
      return try await post("\(mount)/login", body, deadline, certificate: certificate)
    case .userPassword(let mount, let username, let password):
      let user = VaultPath.encoded(username)
      return try await post("\(mount)/login/\(user)", ["password": .string(try secrets.text(password))], deadline)
    }
  }

  private func logIn(
    _ mount: String, _ role: String?, _ token: String, _ deadline: MonotonicTime
  ) async throws(BackendError) -> VaultToken {
    var body: [JSONName: JSONValue] = ["jwt": .string(token)]
    if let role { body["role"] = .string(role) }
    return try await post("\(mount)/login", .object(body), deadline)
  }

  /// The account may have been made anew since its token was.
  private func byServiceAccount(
    _ mount: String, _ role: String?, _ deadline: MonotonicTime
  ) async throws(BackendError) -> VaultToken {
    guard let serviceAccount = exchange.serviceAccount else {
      throw .misconfigured(reason: "there is no service account to log in with")
    }
    let answer = try await serviceAccount.answer(deadline: deadline, isRefused: Self.isRefusal) {
      (token) async throws(BackendError) -> Result<VaultToken, BackendError> in
      do throws(BackendError) {
        return .success(try await logIn(mount, role, token.text ?? "", deadline))
      } catch { return .failure(error) }
    }
    return try answer.get()
  }

  @Sendable private static func isRefusal(_ answer: Result<VaultToken, BackendError>) -> Bool {
    if case .failure(.denied) = answer { true } else { false }
  }

  private func post(
    _ path: String, _ body: JSONValue, _ deadline: MonotonicTime, certificate: VaultSpec.ClientCertificate? = nil
  ) async throws(BackendError) -> VaultToken {
    let givenAt = MonotonicTime.now
    let request = VaultExchange.Request(
      method: "POST", path: "auth/\(path)", body: body, namespace: namespace, clientCertificate: certificate)
    let answer: SecretBytes
    do throws(BackendError) {
      answer = try await exchange.send(request, token: nil, isLogin: true, deadline: deadline)
    } catch .notFound {
      throw .misconfigured(reason: "Vault has no auth method at \(path)")
    }
    guard let token = VaultToken(answer: answer, givenAt: givenAt) else {
      throw .dataLoss(reason: "the login's answer has no token")
    }
    return token
  }
}
