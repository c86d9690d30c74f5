import HTTP1

/// Answers scrapes and probes.
struct MetricsResponder: HTTPResponder {
  let state: ServingState
  private let process = ProcessMeasures()

  init(state: ServingState) { self.state = state }

  func respond(to request: HTTPServerRequest, peer: String) -> HTTPReply {
    guard ["GET", "HEAD"].contains(request.head.method) else {
      return .ready(Self.answer(405, "method not allowed: GET and HEAD are", [.init("Allow", "GET, HEAD")]))
    }
    switch request.head.path {
    case "/metrics": return .pending { await self.metrics() }
    case "/healthz": return .pending { await self.health() }
    case "/readyz": return .ready(readiness())
    default: return .ready(Self.answer(404, "not found: there are /metrics, /healthz and /readyz"))
    }
  }

  private func readiness() -> HTTPServerResponse {
    switch state.current {
    case .starting: Self.answer(503, "starting")
    case .serving: Self.answer(200, "ready")
    case .draining: Self.answer(503, "draining")
    }
  }

  private func health() async -> HTTPServerResponse {
    switch state.current {
    // Its loops are made last.
    case .starting: return Self.answer(200, "ok")
    case .serving(let source), .draining(let source):
      let stuck = await source.stuckLoops()
      guard let first = stuck.first else { return Self.answer(200, "ok") }
      return Self.answer(503, "event loop \(first) does not turn")
    }
  }

  private func metrics() async -> HTTPServerResponse {
    var text = MetricsText()
    switch state.current {
    case .starting: Self.addReady(false, to: &text)
    case .serving(let source):
      Self.addReady(true, to: &text)
      await source.write(to: &text)
    case .draining(let source):
      Self.addReady(false, to: &text)
      await source.write(to: &text)
    }
    process.write(to: &text)
    return HTTPServerResponse(
      status: 200, fields: [.init("Content-Type", MetricsText.contentType), .init("Cache-Control", "no-store")],
      body: .plain(Array(text.text.utf8)))
  }

  private static func addReady(_ isReady: Bool, to text: inout MetricsText) {
    text.add("federation_ready", .gauge, "Whether the server takes calls, as /readyz says.", isReady ? 1 : 0)
  }

  private static func answer(
    _ status: Int, _ message: String, _ fields: [HTTPServerResponse.Field] = []
  ) -> HTTPServerResponse {
    let common: [HTTPServerResponse.Field] = [
      .init("Content-Type", "text/plain; charset=utf-8"), .init("Cache-Control", "no-store"),
    ]
    return HTTPServerResponse(status: status, fields: common + fields, body: .plain(Array("\(message)\n".utf8)))
  }
}
