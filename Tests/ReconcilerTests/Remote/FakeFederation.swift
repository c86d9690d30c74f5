import FederationAPI
import FederationClient
import JSON
import Synchronization

@testable import Reconciler

/// A federation server in memory that resolves nothing, or answers each resolve by what a test says.
final class FakeFederation: FederationCalling {
  /// What was asked, in order: `resolve DATA DATAFROM`, `secrets KEYS`, `generate NAME`, `revoke NAME`.
  let calls = Mutex<[String]>([])
  let serverURL = "https://federation.example:8443"
  /// How many seconds past its time what it gives is; 0 for not at all.
  private let staleSeconds: UInt32
  private let secrets: [String: String]
  private let resolves: (@Sendable (String, String) -> Result<[String: String], RPCError>)?

  init(
    secrets: [String: String] = [:], staleSeconds: UInt32 = 0,
    resolves: (@Sendable (_ data: String, _ dataFrom: String) -> Result<[String: String], RPCError>)? = nil
  ) {
    self.secrets = secrets
    self.staleSeconds = staleSeconds
    self.resolves = resolves
  }

  private func note(_ call: String) { calls.withLock { $0.append(call) } }

  func resolve(
    store: String, data: [UInt8], dataFrom: [UInt8], noteStale: @Sendable (UInt32) -> Void
  ) async throws(RPCError) -> [String: SecretBytes] {
    let (data, dataFrom) = (String(decoding: data, as: UTF8.self), String(decoding: dataFrom, as: UTF8.self))
    guard let resolves else { throw RPCError(.unimplemented, "this server resolves nothing") }
    note("resolve \(data) \(dataFrom)")
    if staleSeconds > 0 { noteStale(staleSeconds) }
    return try resolves(data, dataFrom).get().mapValues { SecretBytes($0) }
  }

  func secrets(
    _ names: [SecretName], noteStale: @escaping StaleSecretNote
  ) async -> [Result<SecretBytes, RPCError>] {
    if staleSeconds > 0 { for name in names { noteStale(name, staleSeconds) } }
    note("secrets \(names.map { "\($0)" }.joined(separator: " "))")
    return names.map { name in
      secrets[name.key].map { .success(SecretBytes($0)) } ?? .failure(RPCError(.notFound, "no secret \"\(name.key)\""))
    }
  }

  func generate(_ generator: GeneratorReference) async throws(RPCError) -> [String: SecretBytes] {
    note("generate \(generator)")
    return ["generated": SecretBytes("g")]
  }

  func revokeSelf(_ generator: GeneratorReference) async throws(RPCError) { note("revoke \(generator)") }

  func watch(_ secrets: [SecretReference], changed: @Sendable (SecretChange) async -> Void) async -> RPCError {
    RPCError(.unimplemented, "this server has no watches")
  }

  func close() async {}
}
