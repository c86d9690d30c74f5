import Foundation
import HTTP1
import TestSupport

/// The store `hooks` of a ``RunningFederation``, whose backend answers nobody until it is opened.
struct HeldBackend: Sendable {
  private let gate = Gate()
  private let arrivals: Arrivals
  private let server: HTTPSServer

  /// Adds the store, and lets the account `app` read it.
  init(in world: RunningFederation) throws {
    let (gate, arrivals) = (gate, Arrivals())
    self.arrivals = arrivals
    server = try HTTPSServer(authority: world.ca) { _ in
      arrivals.arrived.yield()
      await gate.pass()
      return HTTPServerResponse(status: 200, body: .plain(Array("of the backend".utf8)))
    }
    let bundle = Data(world.ca.certificatePEM).base64EncodedString()
    try world.manifests.write(
      """
      apiVersion: external-secrets.io/v1
      kind: ClusterSecretStore
      metadata: {name: hooks}
      spec: {provider: {webhook: {url: "\(server.url)/{{ .remoteRef.key }}", caBundle: "\(bundle)"}}}

      """, to: "hooks.yaml")
    try world.grant(["app", "hooks"])
  }

  /// Waits until one more question has come.
  func arrival() async { await arrivals.next() }

  /// Answers everybody from now on.
  func open() async { await gate.open() }

  func stop() async { await server.stop() }

  private actor Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pass() async {
      if isOpen { return }
      await withCheckedContinuation { waiting.append($0) }
    }

    func open() {
      isOpen = true
      for continuation in waiting { continuation.resume() }
      waiting = []
    }
  }

  private final class Arrivals: Sendable {
    let arrived: AsyncStream<Void>.Continuation
    private let stream: AsyncStream<Void>

    init() { (stream, arrived) = AsyncStream.makeStream() }

    func next() async {
      var iterator = stream.makeAsyncIterator()
      _ = await iterator.next()
    }
  }
}
