import FederationAPI
import Identity
import Logging
import Policy
import Resources
import Synchronization
import TestSupport

/// An authenticator with fake issuers and clocks that stand still until a test moves them.
struct IdentityTestBed {
  /// Both clocks.
  final class Clock: Sendable {
    static let start: Int64 = 1_800_000_000
    private let elapsed = Mutex<Double>(0)

    /// Moves both clocks on.
    func advance(_ seconds: Double) { elapsed.withLock { $0 += seconds } }
    var wallSeconds: Int64 { Self.start + Int64(elapsed.withLock { $0 }) }
    var monotonic: MonotonicTime {
      MonotonicTime(nanoseconds: 1_000_000_000).advanced(bySeconds: elapsed.withLock { $0 })
    }
  }

  /// Log lines, for tests of what must and must not be in them.
  final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func append(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
    func count(_ event: String) -> Int { all.count { $0.contains("\"event\":\"\(event)\"") } }
  }

  static let issuer = "https://kubernetes.default.svc.cluster.local"
  static let url = "https://cluster-a.test:6443"

  let issuers = FakeIssuers()
  let clock = Clock()
  let lines = Lines()
  let authenticator: Authenticator
  let key: TestSigningKey

  /// One key, served by cluster-a.
  init(key: TestSigningKey? = nil, _ change: (inout AuthenticatorSettings) -> Void = { _ in }) throws {
    let key = try key ?? TestSigningKey()
    var settings = AuthenticatorSettings()
    settings.wallClock = { [clock] in clock.wallSeconds }
    settings.monotonicClock = { [clock] in clock.monotonic }
    change(&settings)
    let log = Log(level: .debug) { [lines] line in lines.append(line) }
    authenticator = Authenticator(client: issuers, settings: settings, log: log)
    issuers.serve(Self.url, keys: [key])
    self.key = key
  }

  /// Good claims of cluster-a's service account apps/app, minted at the clock's time.
  func claims(
    issuer: String = Self.issuer, serviceAccount: String = "app", lifetime: Int64 = 3_600
  ) -> ServiceAccountClaims {
    ServiceAccountClaims(
      issuer: issuer, serviceAccount: serviceAccount, now: clock.wallSeconds, lifetime: lifetime)
  }

  /// A good token of cluster-a's service account apps/app.
  func token(serviceAccount: String = "app", lifetime: Int64 = 3_600) throws -> String {
    try key.token(claims(serviceAccount: serviceAccount, lifetime: lifetime))
  }

  /// Verifies `token` to the end.
  func verify(
    _ token: String?, ca: [UInt8] = [], trust: Trust = .clusterA, binding: ConnectionIdentity? = nil
  ) async -> Result<VerifiedIdentity, RPCError> {
    await begin(token, ca: ca, trust: trust, binding: binding).result()
  }

  /// Begins to verify `token`.
  func begin(
    _ token: String?, ca: [UInt8] = [], trust: Trust = .clusterA, binding: ConnectionIdentity? = nil,
    deadline: MonotonicTime? = nil
  ) -> Reply<VerifiedIdentity> {
    let call = CallContext(
      authorization: token.map { "Bearer \($0)" }, peer: "127.0.0.1:1", deadline: deadline, binding: binding)
    return authenticator.verify(call, caCertificates: ca, trust: trust)
  }
}

extension Trust {
  /// Federation cluster-a and an Authorization for its service account apps/app.
  static let clusterA = Trust.of([.named("cluster-a", IdentityTestBed.url)], [.granting("cluster-a")])

  static func of(
    _ federations: [KubernetesFederation], _ authorizations: [Authorization], generation: UInt64 = 1
  ) -> Trust {
    let pairs = federations.map { (FederationReference.kubernetes($0.name), Federation.kubernetes($0)) }
    return Trust(
      generation: generation, federations: Dictionary(uniqueKeysWithValues: pairs),
      policy: PolicyIndex(authorizations: authorizations))
  }
}

extension FederationReference {
  static func kubernetes(_ name: String) -> FederationReference {
    FederationReference(kind: "KubernetesFederation", name: name)
  }
}

extension KubernetesFederation {
  static func named(
    _ name: String, _ url: String, audiences: [String]? = nil, caBundle: [UInt8]? = nil
  ) -> KubernetesFederation {
    KubernetesFederation(
      name: name, url: url, audiences: audiences, caBundle: caBundle, location: SourceLocation(file: "t.yaml", line: 1))
  }
}

extension Authorization {
  static func granting(
    _ federation: String, issuer: String = IdentityTestBed.issuer, serviceAccount: String = "app"
  ) -> Authorization {
    Authorization(
      name: "\(federation)-\(serviceAccount)", federationRef: .kubernetes(federation),
      subject: .oidc(issuer: issuer, subject: "system:serviceaccount:apps:\(serviceAccount)"),
      allowedClusterSecretStores: ["store"], location: SourceLocation(file: "t.yaml", line: 9))
  }
}

extension Reply {
  /// Whether the answer was there at once.
  var isReady: Bool { if case .ready = self { true } else { false } }
}

extension Result where Success == VerifiedIdentity, Failure == RPCError {
  var isVerified: Bool { if case .success = self { true } else { false } }
  var error: RPCError? { if case .failure(let error) = self { error } else { nil } }
}
