import FederationAPI
import Testing

@testable import TTRPC

@Suite struct ClientQueueTests {
  private func call() -> ClientCall {
    ClientCall(
      frame: RequestFrame(service: "s", method: "m", payloadCount: 0, metadata: []), payload: [], deadline: nil)
  }

  @Test("only the first of several calls wakes the loop, so that all leave together")
  func coalescing() {
    let queue = ClientQueue()
    #expect((0..<3).map { _ in queue.submit(call()) } == [true, false, false])
    #expect(queue.takeAll().count == 3)
    #expect(queue.submit(call()))
  }

  @Test("the end fails what is queued and what comes after, with the first end's reason")
  func end() async {
    let queue = ClientQueue()
    let (before, after) = (call(), call())
    #expect(queue.submit(before))
    queue.end(RPCError(.unavailable, "gone"))
    queue.end(RPCError(.unavailable, "gone again"))
    #expect(!queue.submit(after))
    #expect(await before.outcome() == .failure(RPCError(.unavailable, "gone")))
    #expect(await after.outcome() == .failure(RPCError(.unavailable, "gone")))
    #expect(queue.takeAll().isEmpty)
  }

  @Test("a call has one result, the first")
  func firstResult() async {
    let call = call()
    #expect(!call.isFinished)
    call.finish(.success([1]))
    call.finish(.failure(RPCError(.cancelled, "late")))
    #expect(call.isFinished)
    #expect(await call.outcome() == .success([1]))
  }
}
