import FederationAPI
import FederationProto
import Synchronization
import TTRPC

/// Serves values by name in store `s` to `Bearer good`, and to connections that Authenticate was called on; from memory
/// or by handlers only. What is called `wait` comes when the gate opens.
final class MemoryService: FederationService {
  private let values: [String: SecretBytes]
  private let isImmediate: Bool
  private let gate: Gate
  private let calls = Atomic<Int>(0)

  /// How many calls the handler got.
  var handledCalls: Int { calls.load(ordering: .relaxed) }

  init(_ values: [String: SecretBytes], isImmediate: Bool, gate: Gate = Gate()) {
    self.values = values
    self.gate = gate
    self.isImmediate = isImmediate
  }

  func verify(_ call: CallContext, caCertificates: [UInt8]) -> Reply<VerifiedIdentity> {
    .ready(.failure(.unauthenticated))
  }

  func getSecret(_ request: GetSecretRequest, _ call: CallContext) -> Reply<SecretBytes> {
    calls.add(1, ordering: .relaxed)
    let isKnown = call.authorization.map { $0 == "Bearer good" } ?? (call.binding?.identity != nil)
    guard isKnown else { return .ready(.failure(.unauthenticated)) }
    guard call.workloadToken == nil else { return .ready(.failure(RPCError(.invalidArgument, "workload token"))) }
    if request.name == "wait" {
      return .pending { [gate] in
        await gate.wait("wait")
        return .success(SecretBytes("waited"))
      }
    }
    guard request.store == "s", let value = values[request.name] else {
      return .ready(.failure(RPCError(.notFound, "no \(request.name)")))
    }
    return .ready(.success(value))
  }

  func authenticate(_ request: AuthenticateRequest, _ call: CallContext) -> Reply<VerifiedIdentity> {
    let identity = VerifiedIdentity(
      method: .oidc, provider: "p", subject: "s", kubernetes: nil, federations: [], expiresAtSeconds: 9)
    call.binding?.bind(identity)
    return .ready(.success(identity))
  }

  func makeImmediateAnswers() -> (any ImmediateAnswers)? { isImmediate ? Memory(values) : nil }

  private final class Memory: ImmediateAnswers {
    let values: [String: SecretBytes]
    init(_ values: [String: SecretBytes]) { self.values = values }
    func session(binding: ConnectionIdentity?, peer: String) -> any ImmediateSession { Session(values, binding) }
  }

  private final class Session: ImmediateSession {
    let values: [String: SecretBytes]
    let binding: ConnectionIdentity?
    init(_ values: [String: SecretBytes], _ binding: ConnectionIdentity?) {
      self.values = values
      self.binding = binding
    }

    func secret(
      store: RawSpan, name: RawSpan, caCertificates: RawSpan, authorization: RawSpan, now: MonotonicTime
    ) -> SecretBytes? {
      let isKnown = authorization.isEmpty ? binding?.identity != nil : authorization.isEqual(to: "Bearer good")
      guard isKnown, store.isEqual(to: "s"), let name = name.text(0..<name.byteCount) else { return nil }
      return values[name]
    }
  }
}

/// The same connection twice: once answered from memory where that can be, once by handlers only.
struct TwoWays {
  let values: [String: SecretBytes]
  var limits = TTRPCLimits()

  static let service = "federation.v1.FederationService"
  static let good = [("authorization", "Bearer good")]

  /// A call of GetSecret by a caller that is known.
  static func get(
    _ streamID: UInt32, _ name: String, timeout: Int64? = nil, metadata: [(String, String)] = good, flags: UInt8 = 0
  ) -> [UInt8] {
    Wire.request(
      streamID, "GetSecret", payload: Wire.field(1, "s") + Wire.field(2, name), timeout: timeout, metadata: metadata,
      service: service, flags: flags)
  }

  /// The first `count` frames that the server sends for `bytes`, both ways, and how many calls each way's handler got.
  func answers(to bytes: [UInt8], count: Int) async throws -> (memory: [[UInt8]], handlers: [[UInt8]], handled: [Int]) {
    var frames: [[[UInt8]]] = []
    var handled: [Int] = []
    for isImmediate in [true, false] {
      let service = MemoryService(values, isImmediate: isImmediate)
      let server = try TestServer(limits: limits, dispatcher: FederationDispatcher(service: service))
      let peer = try await server.rawPeer(greeting: bytes)
      var got: [[UInt8]] = []
      while got.count < count, let frame = await peer.nextBytes() { got.append(frame) }
      await server.stop()
      frames.append(got)
      handled.append(service.handledCalls)
    }
    return (frames[0], frames[1], handled)
  }
}
