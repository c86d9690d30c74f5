import FederationAPI
import Testing

@testable import Service

@Suite struct PendingCallLimitTests {
  @Test("past the limit a call is told at once, and a place is free again when a call ends")
  func bounds() async {
    let refused = RefusedCalls.Counter()
    let limit = PendingCallLimit(1, refused: refused)
    let (gate, open) = AsyncStream<Void>.makeStream()
    let (entered, enter) = AsyncStream<Void>.makeStream()
    let first = limit.bound(
      Reply<Int>.pending {
        enter.finish()
        for await _ in gate {}
        return .success(1)
      })
    async let waiting = first.result()
    for await _ in entered {}
    let second = await limit.bound(Reply<Int>.pending { .success(2) }).result()
    #expect(
      second == .failure(RPCError(.resourceExhausted, "server busy: too many calls wait for a backend; retry later")))
    #expect(refused.count == 1)
    open.finish()
    #expect(await waiting == .success(1))
    #expect(await limit.bound(Reply<Int>.pending { .success(3) }).result() == .success(3))
  }

  @Test("an answer that is ready passes a full limit")
  func ready() async {
    let limit = PendingCallLimit(0, refused: RefusedCalls.Counter())
    #expect(await limit.bound(Reply<Int>.ready(.success(1))).result() == .success(1))
    #expect(await limit.bound(Reply<Int>.pending { .success(1) }).result() != .success(1))
  }
}
