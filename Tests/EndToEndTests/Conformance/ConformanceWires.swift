import FederationAPI
import FederationProto
import FederationServer
import GRPC
import HTTPClient
import Logging
import TTRPC
import TestSupport
import Transport

/// A case's question with its token and bundle made.
struct ConformanceQuestion: Sendable {
  let authorization: String?
  let workloadToken: String?
  let store: String
  let secret: String
  let certificates: [UInt8]

  init(_ asked: ConformanceCase, in world: ConformanceWorld) throws {
    authorization = try asked.authorization(world)
    workloadToken = try asked.workloadToken(world)
    store = asked.store
    secret = asked.secret
    certificates = try asked.certificates(world)
  }
}

/// Asks over ttrpc and gRPC. All cases share one connection of each, as a client's calls do.
struct RPCWire: Sendable {
  private static let shared = Task { try await RPCWire(ConformanceWorld.shared.value) }
  private let ttrpc: TTRPCClient
  private let grpc: GRPCClient
  private let group: EventLoopGroup

  private init(_ world: ConformanceWorld) async throws {
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    func target(_ server: FederationServer, _ alpn: String) throws -> DialTarget {
      try .loopback(server.address.port, alpn, ca: world.ca)
    }
    ttrpc = try await TTRPCClient.connect(target(world.rpcServer, TTRPCClient.alpn), group: group)
    grpc = try await GRPCClient.connect(target(world.grpcServer, GRPCClient.alpn), group: group)
  }

  /// The value or the error over ttrpc.
  static func ttrpc(_ question: ConformanceQuestion) async throws -> Result<String, RPCError> {
    await ask(question, try await shared.value.ttrpc)
  }

  /// The value or the error over gRPC.
  static func grpc(_ question: ConformanceQuestion) async throws -> Result<String, RPCError> {
    await ask(question, try await shared.value.grpc)
  }

  private static func ask(
    _ question: ConformanceQuestion, _ client: any RPCCalling
  ) async -> Result<String, RPCError> {
    var metadata: [(key: String, value: String)] = []
    if let authorization = question.authorization { metadata.append(("authorization", authorization)) }
    if let workloadToken = question.workloadToken { metadata.append(("x-workload-token", workloadToken)) }
    let request = GetSecretRequest(
      store: question.store, name: question.secret, caCertificates: question.certificates)
    do throws(RPCError) {
      let answer = try await client.call(
        service: "federation.v1.FederationService", method: "GetSecret", payload: try request.protobuf(),
        metadata: metadata, timeoutNanoseconds: nil)
      let value = try GetSecretResponse.value(protobuf: answer.span.bytes)
      return .success(value.text ?? "(not UTF-8)")
    } catch {
      return .failure(error)
    }
  }
}

/// Asks over the documented HTTP API.
struct HTTPWire: Sendable {
  private static let client = Result { try HTTPClient(log: Log(level: .error)) }

  /// The response as it came.
  static func ask(_ question: ConformanceQuestion, in world: ConformanceWorld) async throws -> HTTPResponse {
    let asked = HTTPQuestion(
      authorization: question.authorization, workloadToken: question.workloadToken, store: question.store,
      secret: question.secret, certificates: question.certificates)
    let origin = "https://localhost:\(world.httpServer.address.port)"
    return try await client.get().send(asked.request(origin: origin, serverCertificates: world.ca.certificatePEM))
  }

  /// The one mapping of codes to HTTP. RESOURCE_EXHAUSTED is only ever about the size here.
  static func status(_ code: StatusCode) -> Int {
    switch code {
    case .ok: 200
    case .unauthenticated: 401
    case .permissionDenied: 404
    case .invalidArgument, .notFound, .failedPrecondition: 400
    case .resourceExhausted: 413
    case .unavailable: 503
    case .deadlineExceeded: 504
    case .unimplemented: 501
    default: 500
    }
  }
}
