import Crypto
import FederationAPI
import FederationProto
import FederationServer
import Foundation
import GRPC
import HTTPClient
import JSON
import Logging
import TTRPC
import TestSupport
import Transport

/// One server with a port for SVIDs, whose trust domain and grants a test may change.
final class SPIFFEWorld: Sendable {
  enum Wire: String, CaseIterable { case ttrpc, grpc, http }

  /// What a caller comes to.
  enum Outcome: Equatable, CustomStringConvertible {
    case value(String)
    case error(RPCError)
    /// The handshake: no call was heard.
    case refused

    var description: String {
      switch self {
      case .value(let text): text
      case .error(let error): error.description
      case .refused: "REFUSED"
      }
    }
  }

  static let domain = "example.org"
  static let id = workload("shop")

  /// The ID of a pod of the service account `name`.
  static func workload(_ name: String, domain: String = domain) -> String {
    "spiffe://\(domain)/\(name)/ns/apps/sa/sa-1/\(name)/pod/pod-2/\(name)-0"
  }

  /// Whose certificate the server shows.
  let ca: TestCertificateAuthority
  /// The trust domain's.
  let authority: TestCertificateAuthority
  let manifests: TemporaryDirectory
  let bundleFile: String
  let server: FederationServer
  let lines: LogLines
  let group: EventLoopGroup

  /// The server trusts `authority` through a file, unless `bundle` says so in another line of the federation, and lets
  /// ``id`` read the store `app`. `watches` has it notice changes by itself; else it reloads when told to.
  init(
    authority given: TestCertificateAuthority? = nil, bundle: String? = nil, watches: Bool = false,
    _ change: (inout ServerConfiguration, TestCertificateAuthority) throws -> Void = { _, _ in }
  ) async throws {
    ca = try TestCertificateAuthority()
    authority = try given ?? TestCertificateAuthority(name: "Mesh")
    manifests = try TemporaryDirectory()
    bundleFile = try authority.directory.write(authority.certificatePEM, to: "trust/bundle.pem")
    try manifests.write(
      ManifestText.spiffeFederation("mesh", Self.domain, bundle ?? "trustBundleFile: \(bundleFile)"), to: "mesh.yaml")
    try manifests.write(
      ManifestText.store("app", [("password", "s3cret")]) + "---\n" + ManifestText.store("other", [("password", "no")]),
      to: "stores.yaml")
    try Self.write([Self.id], to: manifests)
    let certificate = try ca.issue(label: "federation")
    var configuration = ServerConfiguration(
      manifestDirectory: manifests.path, host: "127.0.0.1", port: 0, certificateFile: certificate.certificateFile,
      keyFile: certificate.keyFile)
    configuration.loops = 1
    configuration.watchesManifests = watches
    configuration.spiffe = SPIFFEListening(host: "127.0.0.1", port: 0)
    try change(&configuration, authority)
    lines = LogLines()
    server = try await FederationServer.start(configuration, log: Log(level: .info) { [lines] in lines.append($0) })
    group = try EventLoopGroup(loops: 1, log: Log(level: .error))
  }

  /// Lets exactly `ids` read the store `app`, by Authorizations of one federation.
  func grant(_ ids: [String], by federation: String = "mesh") throws {
    try Self.write(ids, by: federation, to: manifests)
    server.reload()
  }

  /// Has the next reload find a federation `name` of the trust domain whose bundle is of `authority`.
  func trust(_ authority: TestCertificateAuthority, by name: String) throws {
    let bundle = "trustBundle: \(Data(authority.certificatePEM).base64EncodedString())"
    try manifests.write(ManifestText.spiffeFederation(name, Self.domain, bundle), to: "\(name).yaml")
  }

  private static func write(
    _ ids: [String], by federation: String = "mesh", to manifests: TemporaryDirectory
  ) throws {
    let grants = ids.enumerated().map {
      ManifestText.spiffeAuthorization("grant-\($0)", federation, id: $1, stores: ["app"])
    }
    try manifests.write(grants.joined(separator: "---\n"), to: "grants.yaml")
  }

  /// The port for SVIDs.
  var port: UInt16 { server.spiffeAddress?.port ?? 0 }

  func stop() async {
    await group.shutDown(graceSeconds: 0)
    await server.stop()
  }

  /// The names in the certificate that the server shows.
  func shownNames() async throws -> String {
    let shown = try ChildProgram(
      path: "/usr/bin/openssl", arguments: ["s_client", "-connect", "127.0.0.1:\(port)"])
    _ = await shown.wait()
    let names = try ChildProgram(
      path: "/usr/bin/openssl", arguments: ["x509", "-noout", "-ext", "subjectAltName"],
      stdin: Array(shown.stdout.text.utf8))
    _ = await names.wait()
    return names.stdout.text
  }

  // MARK: Asking

  /// A caller with a connection of its own, which for HTTP begins with the first request.
  enum Caller: Sendable {
    case rpc(any RPCCalling)
    case http(HTTPClient, ClientCertificate, trusted: [UInt8])
  }

  /// Connects. With TLS 1.3 whoever is refused may not know it yet.
  func connect(
    _ svid: TestCertificateAuthority.IssuedSVID, over wire: Wire, trusting extra: TestCertificateAuthority? = nil
  ) async throws -> Caller {
    let trusted = ca.certificatePEM + authority.certificatePEM + (extra?.certificatePEM ?? [])
    let shown = TLSCertificate.chain(svid.der, key: SecretBytes(svid.keyPEM))
    func target(_ alpn: String) throws -> DialTarget {
      let tls = try ClientTLS(caCertificates: trusted, certificate: shown, alpn: [alpn])
      return DialTarget(host: "127.0.0.1", port: port, serverName: "localhost", tls: tls, timeoutSeconds: 30)
    }
    switch wire {
    case .ttrpc: return .rpc(try await TTRPCClient.connect(target(TTRPCClient.alpn), group: group))
    case .grpc: return .rpc(try await GRPCClient.connect(target(GRPCClient.alpn), group: group))
    case .http:
      let certificate = ClientCertificate(certificates: svid.pem, privateKey: svid.keyPEM)
      return .http(try HTTPClient(log: Log(level: .error)), certificate, trusted: trusted)
    }
  }

  /// One call on a connection of its own.
  func ask(
    _ svid: TestCertificateAuthority.IssuedSVID, over wire: Wire, trusting extra: TestCertificateAuthority? = nil
  ) async throws -> Outcome {
    let caller: Caller
    do { caller = try await connect(svid, over: wire, trusting: extra) } catch is RPCError { return .refused }
    let outcome = try await ask(caller)
    if case .http(let client, _, _) = caller { client.close() }
    return outcome
  }

  /// One call of `caller`.
  func ask(
    _ caller: Caller, store: String = "app", key: String = "password", authorization: String? = nil,
    workloadToken: String? = nil
  ) async throws -> Outcome {
    let client: any RPCCalling
    switch caller {
    case .rpc(let caller): client = caller
    case .http(let client, let certificate, let trusted):
      let question = HTTPQuestion(
        authorization: authorization, workloadToken: workloadToken, store: store, secret: key, certificates: [])
      return try await ask(question, by: client, showing: certificate, trusted)
    }
    let request = GetSecretRequest(store: store, name: key)
    var metadata: [(key: String, value: String)] = []
    if let authorization { metadata.append(("authorization", authorization)) }
    if let workloadToken { metadata.append(("x-workload-token", workloadToken)) }
    do throws(RPCError) {
      let answer = try await client.call(
        service: "federation.v1.FederationService", method: "GetSecret", payload: try request.protobuf(),
        metadata: metadata, timeoutNanoseconds: nil)
      return .value(try GetSecretResponse.value(protobuf: answer.span.bytes).text ?? "")
    } catch {
      // The server's own UNAUTHENTICATED has one text; any other is a client's, for the alert that it got.
      let isAlert = error.code == .unauthenticated && error != .unauthenticated
      return error.code == .unavailable || isAlert ? .refused : .error(error)
    }
  }

  private func ask(
    _ question: HTTPQuestion, by client: HTTPClient, showing certificate: ClientCertificate, _ trusted: [UInt8]
  ) async throws -> Outcome {
    var request = question.request(
      origin: "https://localhost:\(port)", serverCertificates: trusted)
    request.clientCertificate = certificate
    let response: HTTPResponse
    do throws(HTTPClientError) { response = try await client.send(request) } catch { return .refused }
    let text = try JSONValue.parse(response.body).string ?? ""
    switch response.status {
    case 200: return .value(text)
    case 401: return .error(RPCError(.unauthenticated, text))
    case 404: return .error(RPCError(.permissionDenied, text))
    case 400: return .error(RPCError(.invalidArgument, text))
    default: return .error(RPCError(.unknown, "\(response.status) \(text)"))
    }
  }
}
