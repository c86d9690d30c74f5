import Foundation
import HTTPClient
import JSON
import Logging
import Resources
import TestSupport

@testable import Providers

/// The stand-in for Google's Secret Manager, Tests/GCPServer, in a process of its own.
final class GCPServer: Sendable {
  /// The credential files that the stand-in takes.
  enum Credential: String, CaseIterable { case account, external, impersonating }

  /// What the stand-in said when it was ready.
  let line: String
  let directory: TemporaryDirectory
  private let world: JSONValue
  private let program: ChildProgram
  private let http: HTTPClient

  init() async throws {
    directory = try TemporaryDirectory()
    // Google's client sends the file as it is, a line break at its end included.
    let file = try directory.write("good.web.token", to: "token")
    program = try await PythonPeer.start("Tests/GCPServer/server.py", [file])
    line = try await program.stdout.waitForLine(prefix: "{")
    world = try JSONValue.parse(Array(line.utf8))
    http = try HTTPClient(log: Log(level: .error))
  }

  private var url: String { world["url"]?.string ?? "" }

  func credential(_ kind: Credential) -> JSONValue { world[kind.rawValue] ?? .null }

  /// One whose credential stands where its kind may stand, or as a service account's key.
  func provider(_ credential: JSONValue, isFederated: Bool? = nil) throws -> any Provider {
    let file = try directory.write(
      String(decoding: credential.encoded(), as: UTF8.self), to: "credential-\(UUID().uuidString).json")
    let spec = GCPStoreSpec(
      project: world["project"]?.string ?? "", credential: .file(file),
      isFederated: isFederated ?? (credential["type"]?.string == "external_account"), endpoint: BackendURL(url))
    return GCPSecretManagerProvider(spec, client: http, secrets: ProviderSecrets(ManifestSecrets([])))
  }

  func control(_ what: String, _ asked: JSONValue = [:]) async throws {
    let answer = try await http.send(
      HTTPRequest(method: "POST", url: "\(url)/control/\(what)", body: asked.encoded(), allowsPlaintext: true))
    guard answer.status == 200 else { throw TestSupportError("\(what): \(answer.status)") }
  }

  func put(_ secret: String, _ bytes: [UInt8], labels: JSONValue = [:]) async throws {
    try await control(
      "put", ["secret": .string(secret), "data": .string(Data(bytes).base64EncodedString()), "labels": labels])
  }
}
