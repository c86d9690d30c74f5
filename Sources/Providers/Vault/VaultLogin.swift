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
      var body: [JSONName: JSONValue] = ["jwt": .string(try secrets.text(token))]
      if let role { body["role"] = .string(role) }
      return try await post("\(mount)/login", .object(body), deadline)
    case .certificate(let mount, let role, let certificate):
      let body: JSONValue = role.map { ["name": .string($0)] } ?? [:]
      return try await post("\(mount)/login", body, deadline, certificate: certificate)
    case .userPassword(let mount, let username, let password):
      let user = VaultPath.encoded(username)
      return try await post("\(mount)/login/\(user)", ["password": .string(try secrets.text(password))], deadline)
    }
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
