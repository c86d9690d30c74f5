import FederationAPI
import JSON
import Providers
import Resources

/// Has Vault make a secret for each caller, and revokes its lease when the credential ends.
///
/// A lease has no name before it is there, so nothing of it can be planned: it is recorded when the credential is
/// confirmed, and nobody has the credential before that.
struct VaultDynamicSecretGenerator: Generator {
  private static let callSeconds = 10.0
  /// Longer, since Vault waits for the system that it made the secret in.
  private static let cleanupSeconds = 30.0
  /// The longest ID of a lease, in bytes; Vault's own have some tens behind the path.
  private static let maximumLeaseBytes = 2_048

  private let spec: VaultDynamicSecretSpec
  private let reference: GeneratorReference
  private let secrets: VaultDynamicSecrets
  private let lines: GeneratorLines
  private let clock: @Sendable () -> Int64
  private let checkSecrets: @Sendable () throws(RPCError) -> Void

  /// `checkSecrets` fails when a Secret is not there that the login needs: a login that was made before lives on, since
  /// Vault would end with it what it was used for, but makes nothing more.
  init(
    _ spec: VaultDynamicSecretSpec, reference: GeneratorReference, secrets: VaultDynamicSecrets, lines: GeneratorLines,
    clock: @escaping @Sendable () -> Int64 = { WallClock.nowSeconds },
    checkSecrets: @escaping @Sendable () throws(RPCError) -> Void
  ) {
    self.spec = spec
    self.reference = reference
    self.secrets = secrets
    self.lines = lines
    self.clock = clock
    self.checkSecrets = checkSecrets
  }

  func plan(_ request: GenerationRequest) throws(RPCError) -> GenerationPlan {
    try checkSecrets()
    return GenerationPlan(state: .object([:]), expiresAtSeconds: request.expiresAtSeconds)
  }

  func generate(_ plan: GenerationPlan) async throws(RPCError) -> GeneratedCredential {
    let askedAt = clock()
    let deadline = MonotonicTime.now.advanced(bySeconds: Self.callSeconds)
    let answer: SecretBytes
    do throws(BackendError) {
      answer = try await secrets.ask(
        spec.method.rawValue, spec.path, parameters: spec.parameters, deadline: deadline)
    } catch { throw failure(error, .vaultSecretFailed) }
    var body = answer.copied
    defer { _ = SecretBytes(wiping: &body) }
    if body.isEmpty { return GeneratedCredential(values: try empty()) }
    let content: JSONValue
    do throws(JSONError) {
      content = try JSONValue.parse(body, maximumByteCount: body.count)
    } catch { throw failure(.dataLoss(reason: "the answer is not JSON"), .vaultSecretFailed) }
    let lease = lease(content, askedAt, plan)
    do throws(RPCError) {
      return GeneratedCredential(values: try await fit(content, body, lease), lease: lease)
    } catch {
      return try await takeBack(lease, because: error)
    }
  }

  /// The values, where the caller may have them.
  private func fit(
    _ content: JSONValue, _ body: [UInt8], _ lease: GeneratedLease?
  ) async throws(RPCError) -> GeneratedValues {
    if let auth = content["auth"]?.object { throw await refuse(auth) }
    guard lease.map(Self.canBeRecorded) ?? true else {
      throw failure(.dataLoss(reason: "the lease's ID is too long"), .vaultSecretFailed)
    }
    return try values(content, body)
  }

  /// Ends the lease of what nobody may have; has it recorded where that fails.
  private func takeBack(
    _ lease: GeneratedLease?, because refusal: RPCError
  ) async throws(RPCError) -> GeneratedCredential {
    guard let lease else { throw refusal }
    do throws(RPCError) {
      try await cleanUp(lease.state)
    } catch {
      if Self.canBeRecorded(lease) { return GeneratedCredential(refused: refusal, lease: lease) }
    }
    throw refusal
  }

  private static func canBeRecorded(_ lease: GeneratedLease) -> Bool {
    (lease.state["lease"]?.string ?? "").utf8.count <= maximumLeaseBytes
  }

  /// Takes back a token that Vault made in place of a secret, and gives what the caller is told.
  private func refuse(_ auth: [JSONName: JSONValue]) async -> RPCError {
    if let token = auth["client_token"]?.string {
      let deadline = MonotonicTime.now.advanced(bySeconds: Self.cleanupSeconds)
      do throws(BackendError) {
        try await secrets.revoke(token: token, deadline: deadline)
      } catch { _ = failure(error, .vaultTokenNotRevoked) }
    }
    return failure(.misconfigured(reason: "the path makes a token, which is not taken back"), .vaultSecretFailed)
  }

  func cleanUp(_ state: JSONValue) async throws(RPCError) {
    guard let lease = state["lease"]?.string else { return }
    let deadline = MonotonicTime.now.advanced(bySeconds: Self.cleanupSeconds)
    do throws(BackendError) {
      try await secrets.revoke(lease: lease, deadline: deadline)
    } catch { throw failure(error, .vaultLeaseNotRevoked) }
  }

  /// The answer's lease; nil where Vault keeps none, as for a certificate.
  private func lease(_ content: JSONValue, _ askedAt: Int64, _ plan: GenerationPlan) -> GeneratedLease? {
    guard let id = content["lease_id"]?.string, !id.isEmpty else { return nil }
    var end = plan.expiresAtSeconds
    if let seconds = content["lease_duration"]?.integer, seconds > 0 {
      // Vault's own end counts where it comes first.
      let (sum, isPastAll) = askedAt.addingReportingOverflow(Int64(seconds))
      if !isPastAll { end = min(end ?? sum, sum) }
    }
    return GeneratedLease(state: ["lease": .string(id)], expiresAtSeconds: end)
  }

  private func values(_ content: JSONValue, _ body: [UInt8]) throws(RPCError) -> GeneratedValues {
    let isRaw = spec.resultType == .raw
    if !isRaw, content["data"]?.object == nil { return try empty() }
    do throws(WebhookFault) {
      return try WebhookAnswer.values(of: body, at: WebhookResultPath(steps: isRaw ? [] : [.member("data")]))
    } catch {
      throw failure(.dataLoss(reason: "the answer has a member that no Secret could have"), .vaultSecretFailed)
    }
  }

  private func empty() throws(RPCError) -> GeneratedValues {
    if spec.allowsEmptyResponse { return [:] }
    throw failure(.misconfigured(reason: "the answer has no data"), .vaultSecretFailed)
  }

  /// What callers are told; the reason stands in the log only.
  private func failure(_ error: BackendError, _ event: GeneratorLines.Event) -> RPCError {
    lines.write(event, ["generator": reference.description, "reason": error.reason])
    switch error {
    case .unavailable, .timedOut, .busy:
      return RPCError(.unavailable, "the generator's Vault server cannot serve now; try again later")
    case .denied, .notFound, .invalid, .misconfigured, .dataLoss:
      return RPCError(
        .failedPrecondition, "the generator's Vault server refused or gave nothing fit; ask the server's operator")
    }
  }
}
