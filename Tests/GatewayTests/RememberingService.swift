import FederationAPI
import Gateway
import HTTP1
import Logging
import Synchronization
import Transport

/// A service whose answers are also in memory: `Bearer t` may read K in S, whatever its bundle is.
final class RememberingService: FederationService {
  /// What memory was asked for, as text.
  struct Question: Equatable {
    var store: String
    var name: String
    var caCertificates: String
    var authorization: String
    /// Whether it knew the answer.
    var isKnown: Bool
  }

  let slow: FakeFederationService
  private let secret: SecretBytes
  private let asked = Mutex<[Question]>([])

  init(_ secret: SecretBytes) {
    self.secret = secret
    slow = FakeFederationService(secret: .success(secret))
  }

  /// Everything that memory was asked for.
  var questions: [Question] { asked.withLock { $0 } }

  func verify(_ call: CallContext, caCertificates: [UInt8]) -> Reply<VerifiedIdentity> {
    slow.verify(call, caCertificates: caCertificates)
  }

  func getSecret(_ request: GetSecretRequest, _ call: CallContext) -> Reply<SecretBytes> {
    slow.getSecret(request, call)
  }

  func authenticate(_ request: AuthenticateRequest, _ call: CallContext) -> Reply<VerifiedIdentity> {
    slow.authenticate(request, call)
  }

  func makeImmediateAnswers() -> (any ImmediateAnswers)? { Answers(self) }

  private final class Answers: ImmediateAnswers, ImmediateSession {
    private let service: RememberingService
    init(_ service: RememberingService) { self.service = service }
    func session(binding: ConnectionIdentity?, peer: String) -> any ImmediateSession { self }
    func secret(
      store: RawSpan, name: RawSpan, caCertificates: RawSpan, authorization: RawSpan, now: MonotonicTime
    ) -> SecretBytes? {
      let isKnown = store.isEqual(to: "S") && name.isEqual(to: "K") && authorization.isEqual(to: "Bearer t")
      let question = Question(
        store: text(store), name: text(name), caCertificates: text(caCertificates), authorization: text(authorization),
        isKnown: isKnown)
      service.asked.withLock { $0.append(question) }
      return isKnown ? service.secret : nil
    }
    private func text(_ bytes: RawSpan) -> String { bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
  }
}

/// A gateway without TLS on a free loopback port.
struct PlainGateway {
  let group: EventLoopGroup
  let port: UInt16

  init(_ service: any FederationService, limits: ListenerLimits = ListenerLimits()) throws {
    let log = Log(level: .error)
    let gateway = FederationGateway(service: service, log: log)
    group = try EventLoopGroup(loops: 1, log: log)
    port = try group.listen(host: "127.0.0.1", port: 0, tls: nil, limits: limits) { _ in
      HTTP1ServerConnection(responder: gateway, log: log)
    }.port
  }

  func stop() async { await group.shutDown(graceSeconds: 0) }
}
