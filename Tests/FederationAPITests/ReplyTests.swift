import FederationAPI
import Testing

@Suite struct ReplyTests {
  private func isReady<Value>(_ reply: Reply<Value>) -> Bool {
    if case .ready = reply { true } else { false }
  }

  @Test("ready goes on to ready without a task, and a failure skips the rest")
  func ready() async {
    let doubled = Reply<Int>.ready(.success(2)).then { .ready(.success($0 * 2)) }
    #expect(isReady(doubled))
    #expect(await doubled.result() == .success(4))
    let failed = Reply<Int>.ready(.failure(.unauthenticated)).then { _ -> Reply<Int> in
      Issue.record("called after a failure")
      return .ready(.success(0))
    }
    #expect(isReady(failed))
    #expect(await failed.result() == .failure(.unauthenticated))
  }

  @Test("pending waits for each step in turn")
  func pending() async {
    let reply = Reply<Int>.pending { .success(2) }.then { value in .pending { .success(value + 1) } }
    #expect(!isReady(reply))
    #expect(await reply.result() == .success(3))
    let failed = Reply<Int>.pending { .failure(.notAuthorized) }.then { _ -> Reply<Int> in .ready(.success(1)) }
    #expect(await failed.result() == .failure(.notAuthorized))
  }
}
