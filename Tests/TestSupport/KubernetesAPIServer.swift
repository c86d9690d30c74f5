import FederationAPI
import Foundation
import HTTPClient
import JSON
import Kubernetes
import Logging

/// A stand-in for the Kubernetes API server, Tests/KubernetesAPIServer, in a process of its own: the API's own
/// behaviour in memory, over TLS on loopback, and what a test needs to make it fail.
///
/// It has the namespaces `default` and `kube-system`, the core kinds that the sources use, Leases, and External
/// Secrets' own kinds without their schemas. CustomResourceDefinitions bring others. Service accounts' tokens are
/// signed, and its own issuer's keys are served.
public final class KubernetesAPIServer: Sendable {
  /// One request for objects that the server answered.
  public struct Request: Sendable, Equatable {
    /// The verb of RBAC, for example `watch`.
    public var verb: String
    /// The plural, with its subresource, for example `serviceaccounts/token`.
    public var resource: String
    /// The path, with its query.
    public var path: String
    /// The status answered.
    public var status: Int
    /// The service account that asked, `system:serviceaccount:NAMESPACE:NAME`; empty for the administrator.
    public var user = ""
  }

  /// Whose certificates clients have to trust.
  public let authority: TestCertificateAuthority
  /// `https://127.0.0.1:PORT`, the same for the server's whole life.
  public let url: String
  /// The administrator's bearer token.
  public let token = "administrator-\(UInt64.random(in: 0...UInt64.max))"
  /// A kubeconfig file of the administrator.
  public let kubeconfigFile: String
  private let program: ChildProgram
  private let control: String
  private let http: HTTPClient

  /// Starts a server. Watches get a bookmark every `bookmarkSeconds`.
  public init(bookmarkSeconds: Double = 60) async throws {
    authority = try TestCertificateAuthority()
    let certificate = try authority.issue(label: "kubernetes")
    program = try ChildProgram(
      path: try await Self.built.value,
      arguments: [
        "-tls-cert", certificate.certificateFile, "-tls-key", certificate.keyFile, "-token", token, "-client-ca",
        authority.certificateFile, "-bookmark", "\(bookmarkSeconds)s",
      ])
    let line = try await program.stdout.waitForLine(prefix: "ready ")
    let words = line.split(separator: " ").compactMap { $0.split(separator: "=").last.map(String.init) }
    guard words.count == 3 else { throw TestSupportError("the Kubernetes stand-in said: \(line)") }
    url = "https://\(words[1])"
    control = "http://\(words[2])"
    http = try HTTPClient(log: Log(level: .error))
    kubeconfigFile = try authority.directory.write(
      """
      apiVersion: v1
      kind: Config
      current-context: test
      clusters: [{name: test, cluster: {server: "\(url)", certificate-authority: ca.crt}}]
      users: [{name: test, user: {token: "\(token)"}}]
      contexts: [{name: test, context: {cluster: test, user: test}}]

      """, to: "kubeconfig")
  }

  /// What the administrator's programs are configured with.
  public var configuration: KubernetesConfiguration {
    KubernetesConfiguration(
      server: url, caCertificates: authority.certificatePEM, credentials: .token(SecretBytes(token)))
  }

  /// A client of the administrator.
  public func client() throws -> KubernetesClient {
    KubernetesClient(configuration, http: try HTTPClient(log: Log(level: .error)))
  }

  /// Runs the real kubectl against the server.
  public func kubectl(
    _ arguments: String..., input: String = ""
  ) async throws -> (exit: ChildProgram.Exit, output: String, errors: String) {
    let program = try startKubectl(arguments, input: input)
    let exit = await program.wait()
    return (exit, program.stdout.text, program.stderr.text)
  }

  /// Starts kubectl, for commands that go on.
  public func startKubectl(_ arguments: [String], input: String = "") throws -> ChildProgram {
    var environment = ProcessInfo.processInfo.environment
    // kubectl keeps what it discovers below HOME, by host and port.
    environment["HOME"] = authority.directory.path
    environment["KUBECONFIG"] = kubeconfigFile
    return try ChildProgram(
      path: "/usr/bin/env", arguments: ["kubectl"] + arguments, environment: environment, stdin: Array(input.utf8))
  }

  /// Closes the port and every connection.
  public func stop() async throws { _ = try await steer("stop") }
  /// Serves again, on the same port and with the same objects.
  public func start() async throws { _ = try await steer("start") }
  /// Breaks every watch off in the middle of its answer.
  public func cutWatches() async throws { _ = try await steer("cut") }
  /// Forgets all changes so far: versions of before have expired, continuations of lists too.
  public func compact() async throws { _ = try await steer("compact") }
  /// Has every watch that wants bookmarks send one.
  public func sendBookmarks() async throws { _ = try await steer("bookmark") }
  /// Answers the next `count` requests, all when it is negative, of `verb` for `resource` with an error status.
  public func fail(
    verb: String = "", resource: String = "", status: Int, count: Int = 1, retryAfter: Int = 0
  ) async throws {
    _ = try await steer(
      "fail?verb=\(verb)&resource=\(resource)&status=\(status)&count=\(count)&retryAfter=\(retryAfter)")
  }
  /// Ends what ``fail(verb:resource:status:count:retryAfter:)`` began.
  public func heal() async throws { _ = try await steer("heal") }

  /// No token that was issued so far is taken any more.
  public func forgetTokens() async throws { _ = try await steer("forget") }
  /// Tokens that are issued from now on live for so many seconds at most.
  public func shortenTokens(seconds: Int) async throws { _ = try await steer("shorten?seconds=\(seconds)") }
  /// The keys that tokens are signed with now (RFC 7517).
  public func keySet() async throws -> JSONValue {
    let answer = try await http.send(
      HTTPRequest(
        url: "\(url)/openid/v1/jwks", headers: [("Authorization", "Bearer \(token)")],
        caCertificates: authority.certificatePEM))
    return try JSONValue.parse(answer.body)
  }

  /// The requests for `resource` so far, watches as they began; all when it is empty.
  public func requests(for resource: String = "") async throws -> [Request] {
    let answer = try JSONValue.parse(await steer("requests?resource=\(resource)"), maximumByteCount: 16 << 20)
    return (answer.array ?? []).map { entry in
      Request(
        verb: entry["verb"]?.string ?? "", resource: entry["resource"]?.string ?? "",
        path: entry["path"]?.string ?? "", status: Int(entry["status"]?.integer ?? 0),
        user: entry["user"]?.string ?? "")
    }
  }

  private func steer(_ command: String) async throws -> [UInt8] {
    let answer = try await http.send(
      HTTPRequest(
        method: "POST", url: "\(control)/\(command)", maximumBodyBytes: 16 << 20, allowsPlaintext: true))
    guard answer.status == 200 else {
      throw TestSupportError("\(command): \(String(decoding: answer.body, as: UTF8.self))")
    }
    return answer.body
  }

  /// The program's path, built once for all tests.
  private static let built = Task {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
      .standardizedFileURL.path
    let output = ChildProgram.productsDirectory + "/kubernetes-api-server"
    let script = root + "/scripts/build-kubernetes-api-server.sh"
    let build = try ChildProgram(path: script, arguments: [output])
    guard await build.wait(timeoutSeconds: 600) == .status(0) else {
      throw TestSupportError("\(script): \(build.stderr.text)")
    }
    return output
  }
}
