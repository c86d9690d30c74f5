import FederationAPI
import FederationProto
import Foundation
import GRPC
import HTTPClient
import JSON
import Logging
import TTRPC
import TestSupport
import Transport

/// Asks one server for one secret over every wire, and looks at what each wire says of the value's age.
struct StaleAnswers {
  /// What one wire answered.
  enum Answer: Equatable, CustomStringConvertible {
    /// The password in the value; whether it was marked as past its time.
    case value(String, isStale: Bool)
    /// UNAVAILABLE, or 503.
    case unavailable
    /// Anything else.
    case other(String)

    var description: String {
      switch self {
      case .value(let password, let isStale): "\(password)\(isStale ? ", stale" : "")"
      case .unavailable: "unavailable"
      case .other(let text): text
      }
    }
  }

  private let token: String
  private let origin: String
  private let certificates: [UInt8]
  private let http: HTTPClient
  private let rpc: [(name: String, client: any RPCCalling)]
  private let group: EventLoopGroup

  init(_ world: CentralVaultWorld) async throws {
    token = try world.token()
    origin = "https://127.0.0.1:\(world.port)"
    certificates = world.authority.certificatePEM
    http = try HTTPClient(log: Log(level: .error))
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    func target(_ alpn: String) throws -> DialTarget {
      try .loopback(world.port, alpn, ca: world.authority, timeoutSeconds: 60)
    }
    rpc = [
      ("ttrpc", try await TTRPCClient.connect(target(TTRPCClient.alpn), group: group)),
      ("grpc", try await GRPCClient.connect(target(GRPCClient.alpn), group: group)),
    ]
  }

  /// What each wire says of `metrics-login` in `store`.
  func ask(_ store: String) async throws -> [String: Answer] {
    var answers = ["http": try await overHTTP(store)]
    for (name, client) in rpc { answers[name] = await over(client, store) }
    return answers
  }

  /// The same answer of every wire.
  static func all(_ answer: Answer) -> [String: Answer] { ["http": answer, "ttrpc": answer, "grpc": answer] }

  func close() async { await group.shutDown(graceSeconds: 0) }

  private func overHTTP(_ store: String) async throws -> Answer {
    let response = try await http.send(
      HTTPRequest(
        method: "POST", url: "\(origin)/secretstore/\(store)/secrets/metrics-login",
        headers: [("Authorization", "Bearer \(token)")], body: Array("{}".utf8), caCertificates: certificates,
        timeoutSeconds: 60, connectTimeoutSeconds: 60))
    switch response.status {
    case 200:
      let seconds = response.header("x-federation-stale").map { Int($0) ?? 0 }
      guard seconds != 0 else { return .other("a mark without seconds") }
      let body = try JSONValue.parse(response.body)
      return Self.value(body.string.map { Array($0.utf8) } ?? response.body, isStale: seconds != nil)
    case 503: return .unavailable
    default: return .other("\(response.status) \(String(decoding: response.body, as: UTF8.self))")
    }
  }

  private func over(_ client: any RPCCalling, _ store: String) async -> Answer {
    do throws(RPCError) {
      let request = GetSecretRequest(store: store, name: "metrics-login", caCertificates: [])
      let answer = try await client.call(
        service: "federation.v1.FederationService", method: "GetSecret", payload: try request.protobuf(),
        metadata: [("authorization", "Bearer \(token)")], timeoutNanoseconds: nil)
      let value = try GetSecretResponse.value(protobuf: answer.span.bytes)
      return Self.value(Array((value.text ?? "").utf8), isStale: Self.staleSeconds(answer) > 0)
    } catch {
      return error.code == .unavailable ? .unavailable : .other(error.description)
    }
  }

  /// `stale_seconds`, field 2 of GetSecretResponse.
  private static func staleSeconds(_ response: [UInt8]) -> UInt64 {
    var reader = ProtobufReader(0..<response.count)
    while let field = try? reader.next(in: response.span.bytes) {
      if field.number == 2, case .varint(let seconds) = field.value { return seconds }
    }
    return 0
  }

  private static func value(_ json: [UInt8], isStale: Bool) -> Answer {
    let password = (try? JSONValue.parse(json))?["password"]?.string
    return password.map { .value($0, isStale: isStale) } ?? .other(String(decoding: json, as: UTF8.self))
  }
}
