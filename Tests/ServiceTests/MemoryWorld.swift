import Crypto
import FederationAPI
import HTTPClient
import Identity
import JSON
import Logging
import Resources
import SecretStores
import Synchronization
import TestSupport
import Testing

@testable import Service

/// Handlers and what they answer from memory, asked the same questions: clusters a and b without a network, and a clock
/// that stands still until a test moves it.
final class MemoryWorld: Sendable {
  /// Where the two ways are asked.
  struct Asked: Equatable {
    /// From memory; nil when the handlers have to be asked.
    var memory: SecretBytes?
    var handlers: Result<SecretBytes, RPCError>

    /// Whether it was answered from memory, with `text`.
    func isImmediate(_ text: String) -> Bool {
      memory == SecretBytes(text) && handlers == .success(SecretBytes(text))
    }
  }

  static let issuer = "https://kubernetes.default.svc.cluster.local"
  static let start: Int64 = 1_800_000_000

  let key: TestSigningKey
  let handlers: FederationHandlers
  let issuers: StaticIssuers
  let clock = Clock()
  private let generation = Mutex<UInt64>(1)

  init(
    _ manifests: Manifests = .ordinary, maximumHeldBytes: Int = .max,
    maximumRequestBytes: Int = .max, limits: CallLimits = CallLimits(),
    watching: WatchSettings = WatchSettings(), logLevel: LogLevel = .info,
    sink: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    let key = try TestSigningKey()
    let issuers = StaticIssuers(keys: [key])
    self.key = key
    self.issuers = issuers
    var settings = AuthenticatorSettings()
    settings.wallClock = { [clock] in clock.wallSeconds }
    settings.monotonicClock = { [clock] in clock.monotonic }
    let log = Log(level: logLevel, sink: sink)
    handlers = FederationHandlers(
      snapshot: ServiceSnapshot(generation: 1, manifests: manifests, local: nil, generators: NoGenerators(), log: log),
      authenticator: Authenticator(client: issuers, settings: settings, log: log), maximumHeldBytes: maximumHeldBytes,
      maximumRequestBytes: maximumRequestBytes,
      limits: limits,
      watching: watching, log: log)
  }

  /// Both clocks.
  final class Clock: Sendable {
    private let elapsed = Mutex<Double>(0)
    func advance(_ seconds: Double) { elapsed.withLock { $0 += seconds } }
    var wallSeconds: Int64 { MemoryWorld.start + Int64(elapsed.withLock { $0 }) }
    var monotonic: MonotonicTime {
      MonotonicTime(nanoseconds: 1_000_000_000).advanced(bySeconds: elapsed.withLock { $0 })
    }
  }

  /// Lets `manifests` count from now on.
  func reload(_ manifests: Manifests) {
    let next = generation.withLock { generation in
      generation += 1
      return generation
    }
    handlers.replace(
      ServiceSnapshot(
        generation: next, manifests: manifests, local: nil, generators: NoGenerators(), log: Log(level: .error) { _ in }
      ))
  }

  func token(_ serviceAccount: String = "app", lifetime: Int64 = 3_600) throws -> String {
    try key.token(
      ServiceAccountClaims(
        issuer: Self.issuer, serviceAccount: serviceAccount, now: clock.wallSeconds, lifetime: lifetime))
  }

  /// Lets `binding` be the connection of whoever `token` speaks for.
  func authenticate(_ token: String, _ binding: ConnectionIdentity) async throws {
    let call = CallContext(authorization: "Bearer \(token)", peer: "test", binding: binding)
    _ = try await handlers.authenticate(AuthenticateRequest(), call).result().get()
  }

  /// Asks `session` first, as a wire does, and then the handlers. What comes from memory has to be what they answer.
  @discardableResult
  func ask(
    _ session: any ImmediateSession, _ token: String?, store: String = "fake", name: String = "db", ca: [UInt8] = [],
    binding: ConnectionIdentity? = nil, _ location: Testing.SourceLocation = #_sourceLocation
  ) async -> Asked {
    let authorization = token.map { "Bearer \($0)" }
    let memory = session.secret(
      store: store.utf8.span.bytes, name: name.utf8.span.bytes, caCertificates: ca.span.bytes,
      authorization: (authorization ?? "").utf8.span.bytes, now: clock.monotonic)
    let call = CallContext(authorization: authorization, peer: "test", binding: binding)
    let request = GetSecretRequest(store: store, name: name, caCertificates: ca)
    let handlers = await handlers.getSecret(request, call).result()
    if let memory { #expect(handlers == .success(memory), sourceLocation: location) }
    return Asked(memory: memory, handlers: handlers)
  }
}

/// Serves the same keys at every URL, but for hosts that have their own.
final class StaticIssuers: HTTPSending {
  private let keys: Mutex<[TestSigningKey]>
  private let own = Mutex<[String: [TestSigningKey]]>([:])
  private let asked = Mutex<Int>(0)
  private let down = Mutex<Set<String>>([])

  init(keys: [TestSigningKey]) { self.keys = Mutex(keys) }

  /// Serves `keys` in place of others from now on, at `host` alone when that is given.
  func serve(_ keys: [TestSigningKey], at host: String? = nil) {
    if let host { own.withLock { $0[host] = keys } } else { self.keys.withLock { $0 = keys } }
  }

  private func keys(at url: String) -> [TestSigningKey] {
    let own = own.withLock { $0.first { url.hasPrefix("https://\($0.key)/") }?.value }
    return own ?? keys.withLock { $0 }
  }

  /// How many requests there were.
  var requests: Int { asked.withLock { $0 } }

  /// Lets `host` be unreachable from now on, or reachable again.
  func set(_ host: String, isDown: Bool) {
    down.withLock { down in
      if isDown { down.insert(host) } else { down.remove(host) }
    }
  }

  func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
    asked.withLock { $0 += 1 }
    if down.withLock({ $0.contains { request.url.hasPrefix("https://\($0)") } }) {
      throw HTTPClientError(.unreachable, "no route")
    }
    let suffix = "/.well-known/openid-configuration"
    guard request.url.hasSuffix(suffix) else {
      return HTTPResponse(status: 200, body: TestSigningKey.keySet(keys(at: request.url)).encoded())
    }
    let base = request.url.dropLast(suffix.count)
    let discovery: JSONValue = ["issuer": "x", "jwks_uri": .string(base + "/openid/v1/jwks")]
    return HTTPResponse(status: 200, body: discovery.encoded())
  }
}

extension Manifests {
  private static let location = Resources.SourceLocation(file: "t.yaml", line: 1)

  /// Cluster a, whose accounts `app` and `other` may read `fake`, with `db`; `app` may read `second`, too.
  static let ordinary = with()

  static func with(
    url: String? = "https://a.test", grants: [String: [String]] = ["app": ["fake", "second"], "other": ["fake"]],
    stores: [String: [String: String]] = [
      "fake": ["db": "hunter2", "empty": ""], "second": ["db": "of the second"], "third": ["db": "of the third"],
    ], second: String? = nil
  ) -> Manifests {
    let urls = [("a", url), ("b", second)].compactMap { name, url in url.map { (name, $0) } }
    return Manifests(
      kubernetesFederations: urls.map { KubernetesFederation(name: $0, url: $1, location: location) },
      authorizations: (second == nil ? ["a"] : ["a", "b"]).flatMap { federation in
        grants.map { account, stores in
          Authorization(
            name: "\(federation)-\(account)",
            federationRef: FederationReference(kind: "KubernetesFederation", name: federation),
            subject: .oidc(issuer: MemoryWorld.issuer, subject: "system:serviceaccount:apps:\(account)"),
            allowedClusterSecretStores: stores, location: location)
        }
      },
      clusterSecretStores: stores.map { name, values in
        ClusterSecretStore(
          name: name, provider: .fake(values.map { FakeSecret(key: $0, value: SecretBytes($1)) }), location: location)
      })
  }
}
