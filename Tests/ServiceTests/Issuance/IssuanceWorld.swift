import FederationAPI
import Generators
import Identity
import JSON
import Ledger
import Logging
import Resources
import SecretStores
import Synchronization
import TestSupport
import Testing

@testable import Service

/// Handlers that issue, over a real ledger in a directory, a generator that records what exists, static issuers, and a
/// clock that stands still until a test moves it.
final class IssuanceWorld: Sendable {
  static let database = GeneratorReference(namespace: "team", kind: "Webhook", name: "database")
  static let other = GeneratorReference(namespace: "team", kind: "Webhook", name: "other")
  static let elsewhere = GeneratorReference(namespace: "elsewhere", kind: "Webhook", name: "database")

  let directory: TemporaryDirectory
  let ledger: FailingLedger
  let generator = RecordingGenerator()
  let key: TestSigningKey
  let issuers: StaticIssuers
  let clock = MemoryWorld.Clock()
  let handlers: FederationHandlers
  let issuance: Issuance
  let reaper: Reaper
  private let lines: Lines
  private let generation = Mutex<UInt64>(1)

  /// What was logged.
  final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func append(_ line: String) { lines.withLock { $0.append(line) } }
    var text: String { lines.withLock { $0.joined(separator: "\n") } }
  }

  init(
    _ manifests: Manifests = .issuing(), directory: TemporaryDirectory? = nil, checks: [any PresenceCheck] = [],
    verifiedTokenBytes: Int? = nil, limits: CallLimits = CallLimits(),
    adjust: (inout IssuanceSettings) -> Void = { _ in }
  ) async throws {
    let directory = try directory ?? TemporaryDirectory()
    let lines = Lines()
    let log = Log(level: .info) { lines.append($0) }
    let key = try TestSigningKey()
    self.directory = directory
    self.lines = lines
    self.key = key
    ledger = FailingLedger(try await LedgerLocation.directory(directory.path).open())
    issuers = StaticIssuers(keys: [key])
    var settings = IssuanceSettings()
    settings.wallClock = { [clock] in clock.wallSeconds }
    settings.monotonicClock = { [clock] in clock.monotonic }
    adjust(&settings)
    issuance = Issuance(ledger: ledger, settings: settings, log: log)
    var authentication = AuthenticatorSettings()
    authentication.wallClock = { [clock] in clock.wallSeconds }
    if let verifiedTokenBytes { authentication.verifiedTokenBytes = verifiedTokenBytes }
    authentication.monotonicClock = { [clock] in clock.monotonic }
    let source = RecordingSource(generator: generator, names: [Self.database, Self.other, Self.elsewhere])
    handlers = FederationHandlers(
      snapshot: ServiceSnapshot(generation: 1, manifests: manifests, local: nil, generators: source, log: log),
      authenticator: Authenticator(client: issuers, settings: authentication, log: log), issuance: issuance,
      limits: limits, log: log)
    reaper = Reaper(issuance: issuance, handlers: handlers, checks: checks)
  }

  var log: String { lines.text }

  /// Lets `manifests` count from now on.
  func reload(_ manifests: Manifests) {
    let next = generation.withLock { generation in
      generation += 1
      return generation
    }
    let source = RecordingSource(generator: generator, names: [Self.database, Self.other, Self.elsewhere])
    handlers.replace(
      ServiceSnapshot(
        generation: next, manifests: manifests, local: nil, generators: source, log: Log(level: .error) { _ in }))
  }

  func claims(_ account: String = "app", pod: String? = "app-0", uid: String = "pod-uid") -> ServiceAccountClaims {
    var claims = ServiceAccountClaims(
      issuer: MemoryWorld.issuer, serviceAccount: account, now: clock.wallSeconds)
    claims.pod = pod.map { ($0, uid) }
    return claims
  }

  func call(
    _ claims: ServiceAccountClaims? = nil, workloadToken: String? = nil, peer: String = "192.0.2.1:1000"
  ) throws -> CallContext {
    let token = try key.token(claims ?? self.claims())
    return CallContext(authorization: "Bearer \(token)", workloadToken: workloadToken, peer: peer)
  }

  func generate(
    _ generator: GeneratorReference = database, _ call: CallContext? = nil
  ) async throws -> Result<[String: SecretBytes], RPCError> {
    await handlers.generate(GenerateRequest(generator: generator), try call ?? self.call()).result()
  }

  /// Generates while the ledger fails at the confirmation, and at what would mark it for revocation then.
  func generateUnconfirmed(
    _ failure: FailingLedger.Failure
  ) async throws -> Result<[String: SecretBytes], RPCError> {
    ledger.fail(.confirm, as: failure)
    ledger.fail(.mark)
    return try await generate()
  }

  /// Marks all that there is, as `federation-server ledger revoke` does.
  func revokeAsOperator() async {
    _ = try? await ledger.markForRevocation(StateFilter(), reason: "by an operator")
  }

  func revokeSelf(_ generator: GeneratorReference = database, _ call: CallContext? = nil) async throws -> StatusCode {
    await handlers.revokeSelf(RevokeSelfRequest(generator: generator), try call ?? self.call()).result().code
  }

  func revoke(
    _ owner: String, in namespace: String = "team", _ call: CallContext? = nil
  ) async throws -> Result<Void, RPCError> {
    let request = RevokeCredentialsRequest(namespace: namespace, owner: owner)
    return await handlers.revokeCredentials(request, try call ?? self.call()).result()
  }

  func audit(_ action: AuditEntry.Action? = nil) async throws -> [AuditEntry] {
    var filter = AuditFilter()
    filter.action = action
    return try await ledger.audit(filter, limit: 10_000)
  }

  /// How far each state has come, by the owner's name.
  func phases() async throws -> [String: [GeneratorState.Phase]] {
    Dictionary(grouping: try await ledger.everyState(), by: \.owner.name).mapValues { $0.map(\.phase) }
  }

  /// Nothing is left anywhere, and nothing is remembered to be withdrawn.
  func expectNothingLeft(_ location: Testing.SourceLocation = #_sourceLocation) async throws {
    #expect(generator.existing == [], sourceLocation: location)
    #expect(try await ledger.everyState() == [], sourceLocation: location)
    #expect(await issuance.withdrawals.count == 0, sourceLocation: location)
    let issued = try await ledger.identities(name: nil).flatMap(\.issuedCredentials)
    #expect(issued == [], sourceLocation: location)
  }
}

extension Result where Failure == RPCError {
  /// OK, or the error's code.
  var code: StatusCode {
    switch self {
    case .success: .ok
    case .failure(let error): error.code
    }
  }

  /// What the caller is told; empty for success.
  var message: String {
    switch self {
    case .success: ""
    case .failure(let error): error.message
    }
  }
}

extension Manifests {
  private static let here = Resources.SourceLocation(file: "t.yaml", line: 1)

  /// Federation a, whose `app` and `other` may use every generator of namespace `team` and read `fake`; and `app` may
  /// revoke what is in `team`.
  static func issuing(
    _ grants: [String: [GeneratorReference]] = [
      "app": [IssuanceWorld.database, IssuanceWorld.other], "other": [IssuanceWorld.database],
    ], federation: String = "a", subjects: [String: [GeneratorReference]] = [:], states: [String] = ["team"],
    federations: [String] = ["a"]
  ) -> Manifests {
    let accounts = grants.map { ("system:serviceaccount:apps:\($0)", $1) } + subjects.map { ($0, $1) }
    return Manifests(
      kubernetesFederations: federations.map {
        KubernetesFederation(name: $0, url: "https://\($0).test", location: here)
      },
      authorizations: accounts.enumerated().map { number, account in
        Authorization(
          name: "g\(number)", federationRef: FederationReference(kind: "KubernetesFederation", name: federation),
          subject: .oidc(issuer: MemoryWorld.issuer, subject: account.0),
          allowedClusterSecretStores: ["fake", "second"],
          allowedGenerators: account.1, allowedGeneratorStates: states, location: here)
      },
      clusterSecretStores: ["fake", "second"].map { store in
        ClusterSecretStore(
          name: store, provider: .fake(["db", "more"].map { FakeSecret(key: $0, value: SecretBytes("v-\($0)")) }),
          location: here)
      })
  }
}
