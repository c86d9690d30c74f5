import HTTP1
import Testing

@testable import FederationServer

@Suite struct MetricsResponderTests {
  private struct Source: MetricsSource {
    var stuck: [Int] = []
    func write(to text: inout MetricsText) async { text.add("told", .gauge, "Help.", 1) }
    func stuckLoops() async -> [Int] { stuck }
  }

  private func ask(_ path: String, _ phase: ServingState.Phase) async -> Answer {
    let state = ServingState()
    state.change(to: phase)
    let request = HTTPServerRequest(head: HTTPRequestHead(method: "GET", target: path))
    let response: HTTPServerResponse
    switch MetricsResponder(state: state).respond(to: request, peer: "test") {
    case .ready(let answer): response = answer
    case .pending(let work): response = await work()
    }
    let body = response.body.withBytes { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    return Answer(response.status, body)
  }

  private struct Answer: Equatable {
    let status: Int
    let body: String

    init(_ status: Int, _ body: String) {
      self.status = status
      self.body = body
    }
  }

  @Test("a loop that does not turn is the end of health, in a drain too, and readiness is no matter of it")
  func stuck() async {
    for phase in [ServingState.Phase.serving(Source(stuck: [3])), .draining(Source(stuck: [3]))] {
      #expect(await ask("/healthz", phase) == .init(503, "event loop 3 does not turn\n"))
    }
    #expect(await ask("/readyz", .serving(Source(stuck: [3]))) == .init(200, "ready\n"))
    #expect(await ask("/healthz", .serving(Source())) == .init(200, "ok\n"))
  }

  @Test("before there is a server the process is told of, and in a drain the server still")
  func phases() async {
    #expect(await !ask("/metrics", .starting).body.contains("told"))
    #expect(await ask("/metrics", .starting).body.contains("\nprocess_open_fds "))
    #expect(await ask("/metrics", .serving(Source())).body.contains("\ntold 1\n"))
    let draining = await ask("/metrics", .draining(Source())).body
    #expect(draining.contains("\ntold 1\n") && draining.contains("\nfederation_ready 0\n"))
    #expect(await ask("/readyz", .draining(Source())) == .init(503, "draining\n"))
  }
}
