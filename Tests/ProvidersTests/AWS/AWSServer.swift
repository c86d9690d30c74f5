import FederationAPI
import Foundation
import HTTPClient
import JSON
import Logging
import Resources
import TestSupport

@testable import Providers

/// moto, Tests/AWSServer, in a process of its own.
final class AWSServer: Sendable {
  struct Keys: Sendable {
    var id: String
    var key: String
  }

  let url: BackendURL
  /// The ARN of the role `reader`.
  let role: String
  let http: HTTPClient
  private let users: [String: Keys]
  private let program: ChildProgram

  init() async throws {
    program = try await PythonPeer.start("Tests/AWSServer/server.py", [])
    let ready = try JSONValue.parse(Array(try await program.stdout.waitForLine(prefix: "{").utf8))
    guard let url = ready["url"]?.string.flatMap(BackendURL.init), let role = ready["role"]?.string else {
      throw TestSupportError("moto said something else")
    }
    self.url = url
    self.role = role
    users = Dictionary(
      uniqueKeysWithValues: (ready["users"]?.object ?? [:]).map { name, keys in
        (name.text, Keys(id: keys["id"]?.string ?? "", key: keys["key"]?.string ?? ""))
      })
    http = try HTTPClient(log: Log(level: .error))
  }

  func keys(_ user: String) -> Keys { users[user] ?? Keys(id: "", key: "") }

  /// What reads `service` with the keys of `user`.
  func provider(
    _ service: AWSStoreSpec.Service = .secretsManager, as user: String = "reader", prefix: String = ""
  ) -> any Provider {
    provider(service, with: keys(user), prefix: prefix)
  }

  func provider(
    _ service: AWSStoreSpec.Service = .secretsManager, with keys: Keys, prefix: String = "",
    roles: [AWSStoreSpec.Role] = []
  ) -> any Provider {
    provider(
      service,
      by: .testKeys, secrets: .testKeys(keys.id, keys.key), prefix: prefix, roles: roles)
  }

  func provider(
    _ service: AWSStoreSpec.Service = .secretsManager, by authentication: AWSStoreSpec.Authentication,
    secrets: [SecretResource] = [], environment: [String: String] = [:], prefix: String = "",
    roles: [AWSStoreSpec.Role] = []
  ) -> any Provider {
    let spec = AWSStoreSpec(
      service: service, region: "eu-west-1", prefix: prefix, authentication: authentication, roles: roles,
      endpoint: url, stsEndpoint: url)
    return spec.provider(
      secrets: ProviderSecrets(ManifestSecrets(secrets)), environment: AWSEnvironment { environment[$0] }, client: http)
  }

  /// Carries out what changes the secrets, as `writer`.
  @discardableResult func write(
    _ action: String, _ parameters: [JSONName: JSONValue], to service: AWSStoreSpec.Service = .secretsManager
  ) async throws -> JSONValue {
    let (name, target) = service == .secretsManager ? ("secretsmanager", "secretsmanager") : ("ssm", "AmazonSSM")
    let client = AWSClient(
      service: AWSService(name, target: target, region: "eu-west-1", endpoint: url),
      exchange: BackendExchange(client: http))
    let keys = keys("writer")
    guard
      let credentials = AWSCredentials(accessKeyID: SecretBytes(keys.id), secretAccessKey: SecretBytes(keys.key))
    else { throw TestSupportError("moto made no keys") }
    return try await client.call(action, parameters, as: credentials, deadline: .in(30))
  }
}

extension AWSStoreSpec.Authentication {
  /// The keys of ``testKeys(_:_:)``.
  static let testKeys = Self.keys(
    accessKeyID: .secret(SecretKeySelector(namespace: "default", name: "aws", key: "id")),
    secretAccessKey: .secret(SecretKeySelector(namespace: "default", name: "aws", key: "key")), sessionToken: nil)
}

extension [SecretResource] {
  /// A Secret with an access key.
  static func testKeys(_ id: String, _ key: String) -> [SecretResource] {
    [
      SecretResource(
        name: "aws", values: ["id": SecretBytes(id), "key": SecretBytes(key)],
        location: SourceLocation(file: "secrets.yaml", line: 1))
    ]
  }
}

extension MonotonicTime {
  static func `in`(_ seconds: Double) -> MonotonicTime { now.advanced(bySeconds: seconds) }
}

extension Provider {
  /// The value as text, and its version.
  func text(_ name: String, version: String? = nil) async throws -> (text: String?, version: String?) {
    guard
      case .value(let value, let version) = try await fetch(
        ProviderKey(name: name, version: version), known: nil, deadline: .in(30))
    else { throw TestSupportError("the value is said to be unchanged, and none was known") }
    return (value.text, version)
  }

  /// Why there is no value; nil when there is one.
  func failure(_ name: String, version: String? = nil) async -> BackendError? {
    do throws(BackendError) {
      _ = try await fetch(ProviderKey(name: name, version: version), known: nil, deadline: .in(30))
      return nil
    } catch {
      return error
    }
  }
}
