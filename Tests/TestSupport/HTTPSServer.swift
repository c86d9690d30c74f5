import FederationAPI
import HTTP1
import Logging
import Synchronization
import Transport

/// An HTTPS server on a free loopback port, answering with a closure; it can stop and come back on its port.
public final class HTTPSServer: Sendable {
  /// Whose certificates clients have to trust; nil when only a certificate was given.
  public let authority: TestCertificateAuthority?
  /// The port, the same for the server's whole life.
  public let port: UInt16
  private let tls: ServerTLS
  private let limits: HTTP1Limits
  private let responder: any HTTPResponder
  private let group: Mutex<EventLoopGroup?>

  /// Starts to serve `respond`. The certificate is for localhost, 127.0.0.1 and ::1 unless `certificate` is given.
  public convenience init(
    authority: TestCertificateAuthority? = nil, certificate: TestCertificateAuthority.ServerCertificate? = nil,
    limits: HTTP1Limits = HTTP1Limits(),
    respond: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
  ) throws {
    try self.init(
      responder: ClosureResponder(respond: respond), authority: authority, certificate: certificate, limits: limits)
  }

  /// Starts to serve `responder`.
  public init(
    responder: any HTTPResponder, authority: TestCertificateAuthority? = nil,
    certificate: TestCertificateAuthority.ServerCertificate? = nil, limits: HTTP1Limits = HTTP1Limits()
  ) throws {
    let own = certificate == nil ? try authority ?? TestCertificateAuthority() : authority
    self.authority = own
    guard let certificate = try certificate ?? own?.issue(label: "https-\(UInt64.random(in: 0...UInt64.max))") else {
      throw TestSupportError("a server needs a certificate or an authority")
    }
    self.responder = responder
    self.limits = limits
    tls = try ServerTLS(
      certificateFile: certificate.certificateFile, keyFile: certificate.keyFile, minimumVersion: .v12,
      alpn: ["http/1.1"])
    let (group, port) = try HTTPSServer.listen(port: 0, tls: tls, limits: limits, responder: responder)
    self.port = port
    self.group = Mutex(group)
  }

  deinit {
    if let group = group.withLock({ $0 }) { Task { await group.shutDown(graceSeconds: 0) } }
  }

  /// `https://127.0.0.1:PORT`.
  public var url: String { "https://127.0.0.1:\(port)" }

  /// Closes the port and every connection; connecting is refused from then on.
  public func stop() async {
    let running = group.withLock { group in
      defer { group = nil }
      return group
    }
    await running?.shutDown(graceSeconds: 0)
  }

  /// Serves again on the same port after ``stop()``.
  public func start() throws {
    try group.withLock { group in
      guard group == nil else { return }
      group = try HTTPSServer.listen(port: port, tls: tls, limits: limits, responder: responder).group
    }
  }

  private static func listen(
    port: UInt16, tls: ServerTLS, limits: HTTP1Limits, responder: any HTTPResponder
  ) throws -> (group: EventLoopGroup, port: UInt16) {
    let log = Log(level: .error)
    let group = try EventLoopGroup(loops: 1, log: log)
    let address = try group.listen(host: "127.0.0.1", port: port, tls: tls) { _ in
      HTTP1ServerConnection(responder: responder, limits: limits, log: log)
    }
    return (group, address.port)
  }
}

/// Answers every request with an async closure.
public struct ClosureResponder: HTTPResponder {
  private let closure: @Sendable (HTTPServerRequest) async -> HTTPServerResponse

  /// Wraps `respond`.
  public init(respond: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse) { closure = respond }

  /// Runs the closure off the loop.
  public func respond(to request: HTTPServerRequest, peer: String) -> HTTPReply {
    .pending { await closure(request) }
  }
}
