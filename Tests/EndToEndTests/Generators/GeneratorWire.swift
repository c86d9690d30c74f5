import FederationAPI
import Foundation
import HTTPClient
import JSON
import TTRPC

/// What is asked of a generator's server, on whichever wire.
enum GeneratorOperation: Sendable {
  case generate(GeneratorReference)
  case revokeSelf(GeneratorReference)
  case revoke(namespace: String, owner: String)
}

/// A question with its credentials.
struct GeneratorQuestion: Sendable {
  var operation: GeneratorOperation
  /// The bearer token; nil sends none.
  var token: String?
  var workloadToken: String?
}

/// An answer as the documented API has it, whichever wire it came on.
struct GeneratorAnswer: Equatable, Sendable, CustomStringConvertible {
  var status: Int
  /// The whole body with its newline.
  var body: String

  var description: String { "\(status) \(body)" }

  static func failure(_ status: Int, _ text: String) -> GeneratorAnswer {
    .init(status: status, body: GoJSON.body(text))
  }
  static let nothing = GeneratorAnswer(status: 200, body: "null\n")
  static let revoked = GeneratorAnswer(status: 200, body: "\"GeneratorState deleted\"\n")
  static let unauthenticated = failure(401, "Unauthorized")
  static let notFound = failure(404, "Not Found")

  /// The output `key` of a generated object.
  func value(_ key: String) -> String? { (try? JSONValue.parse(Array(body.utf8)))?[key]?.string }
}

/// The wires that must give the same answers.
enum GeneratorWire: String, CaseIterable, Sendable {
  case ttrpc
  case grpc
  case http

  func ask(_ question: GeneratorQuestion, in world: GeneratorWorld) async throws -> GeneratorAnswer {
    switch self {
    case .ttrpc: await ask(question, world.rpcClient, world)
    case .grpc: await ask(question, world.grpcClient, world)
    case .http: try await askHTTP(question, world)
    }
  }

  private func ask(
    _ question: GeneratorQuestion, _ client: FederationRPCClient, _ world: GeneratorWorld
  ) async -> GeneratorAnswer {
    let credentials = FederationRPCClient.Credentials(token: question.token, workloadToken: question.workloadToken)
    let certificates = world.ca.certificatePEM
    do throws(RPCError) {
      switch question.operation {
      case .generate(let generator):
        let values = try await client.generate(
          GenerateRequest(generator: generator, caCertificates: certificates), credentials: credentials)
        let members = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { key, value in
          GoJSON.string(key) + ":" + GoJSON.string(value.text ?? "(not UTF-8)")
        }
        return GeneratorAnswer(status: 200, body: "{" + members.joined(separator: ",") + "}\n")
      case .revokeSelf(let generator):
        try await client.revokeSelf(
          RevokeSelfRequest(generator: generator, caCertificates: certificates), credentials: credentials)
        return .nothing
      case .revoke(let namespace, let owner):
        try await client.revokeCredentials(
          RevokeCredentialsRequest(namespace: namespace, owner: owner, caCertificates: certificates),
          credentials: credentials)
        return .revoked
      }
    } catch {
      return .failure(HTTPWire.status(error.code), error.message)
    }
  }

  private func askHTTP(_ question: GeneratorQuestion, _ world: GeneratorWorld) async throws -> GeneratorAnswer {
    let escaped = HTTPQuestion.escaped
    let bundle = Data(world.ca.certificatePEM).base64EncodedString()
    switch question.operation {
    case .generate(let generator), .revokeSelf(let generator):
      let path = [generator.namespace, generator.kind, generator.name].map(escaped).joined(separator: "/")
      let method = if case .generate = question.operation { "POST" } else { "DELETE" }
      return try await Self.send(
        method, "/generators/\(path)", "{\"ca.crt\":\"\(bundle)\"}", question.token, question.workloadToken, world)
    case .revoke(let namespace, let owner):
      let body =
        "{\"owner\":\(GoJSON.string(owner)),\"namespace\":\(GoJSON.string(namespace)),\"ca.crt\":\"\(bundle)\"}"
      return try await Self.send(
        "POST", "/generators/\(escaped(namespace))/revoke", body, question.token, question.workloadToken, world)
    }
  }

  /// One request over HTTP, whatever it says.
  static func send(
    _ method: String, _ path: String, _ body: String, _ token: String?, _ workloadToken: String? = nil,
    _ world: GeneratorWorld
  ) async throws -> GeneratorAnswer {
    var headers = [(name: "Content-Type", value: "application/json")]
    if let token { headers.append(("Authorization", "Bearer \(token)")) }
    if let workloadToken { headers.append(("x-workload-token", workloadToken)) }
    let response = try await world.http.send(
      HTTPRequest(
        method: method, url: "https://localhost:\(world.server.address.port)\(path)", headers: headers,
        body: Array(body.utf8), caCertificates: world.ca.certificatePEM, timeoutSeconds: 60))
    return GeneratorAnswer(status: response.status, body: String(decoding: response.body, as: UTF8.self))
  }
}
