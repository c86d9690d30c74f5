import FederationAPI
import HTTPClient
import JSON
import Logging

/// The stand-in for Vault, Tests/VaultServer/main.py, as a process of its own.
public final class VaultServer: Sendable {
  /// A token that may do everything.
  public static let rootToken = "root-token"

  /// Whose certificates clients trust, and which clients may have a certificate of.
  public let authority: TestCertificateAuthority
  /// `https://127.0.0.1:PORT`.
  public let url: String
  private let process: ChildProgram
  private let client: HTTPClient

  /// Starts it.
  public init() async throws {
    authority = try TestCertificateAuthority()
    let certificate = try authority.issue(label: "vault")
    let ca = try authority.directory.write(authority.certificatePEM, to: "vault-ca.pem")
    process = try await PythonPeer.start(
      "Tests/VaultServer/main.py", [certificate.certificateFile, certificate.keyFile, ca])
    let ready = try await process.stdout.waitForLine(prefix: "ready ", timeoutSeconds: 120)
    url = "https://127.0.0.1:\(ready.dropFirst("ready ".count))"
    client = try HTTPClient(log: Log(level: .error))
  }

  /// Writes one version of a secret in the KV v2 engine `secret`.
  public func put(_ key: String, _ data: JSONValue) async throws {
    let encoded = PercentEncoding.encode(Array(key.utf8)) { $0 == 0x2F || PercentEncoding.isUnreserved($0) }
    let path = String(decoding: encoded, as: UTF8.self)
    _ = try await send("POST", "/v1/secret/data/\(path)", ["data": data])
  }

  /// Sets the `custom_metadata` of a secret in the engine `secret`.
  public func tag(_ key: String, _ metadata: JSONValue) async throws {
    _ = try await send("POST", "/v1/secret/metadata/\(key)", ["custom_metadata": metadata])
  }

  /// Writes a secret in the KV v1 engine `kv1`.
  public func putUnversioned(_ key: String, _ data: JSONValue) async throws {
    _ = try await send("POST", "/v1/kv1/\(key)", data)
  }

  /// Sets what Tests/VaultServer/main.py calls knobs.
  public func set(_ knobs: JSONValue) async throws { _ = try await send("POST", "/control", knobs) }

  /// How often each method and path was asked for.
  public func count(_ request: String) async throws -> Int {
    let count = try await send("GET", "/control")["counts"]?[request]?.integer
    return Int(count ?? 0)
  }

  /// The leases that have not been revoked.
  public func leases() async throws -> [String] {
    try await send("GET", "/control")["leases"]?.array?.compactMap(\.string) ?? []
  }

  /// Sends a request with the root token.
  @discardableResult public func send(
    _ method: String, _ path: String, _ body: JSONValue? = nil
  ) async throws -> JSONValue {
    let response = try await client.send(
      HTTPRequest(
        method: method, url: url + path, headers: [("X-Vault-Token", Self.rootToken)], body: body?.encoded(),
        caCertificates: authority.certificatePEM, timeoutSeconds: 60, connectTimeoutSeconds: 60))
    guard (200...299).contains(response.status) else {
      throw TestSupportError("\(method) \(path): \(response.status)")
    }
    return response.body.isEmpty ? .null : try JSONValue.parse(response.body)
  }
}
