import FederationAPI
import TestSupport
import Testing

@testable import TTRPC

/// How far a call came, for those that must not be made twice.
@Suite(.timeLimit(.minutes(1))) struct CallFailureTests {
  private func progress(_ client: TTRPCClient, timeout: Int64? = nil) async -> CallFailure.Progress? {
    do throws(CallFailure) {
      _ = try await client.attempt(service: "test.Service", method: "M", payload: [], timeoutNanoseconds: timeout)
      return nil
    } catch {
      return error.progress
    }
  }

  @Test("a connection that ends: the call on its way is unanswered, those behind and after it were never sent")
  func lost() async throws {
    let server = try ScriptedServer { _, _, connection in connection.close(.finished) }
    var limits = TTRPCLimits.client
    limits.concurrentCalls = 1
    let client = try await server.client(limits: limits)
    async let one = progress(client)
    async let two = progress(client)
    let both = await [one, two]
    #expect(both.count { $0 == .unanswered } == 1 && both.count { $0 == .unsent } == 1)
    #expect(await progress(client) == .unsent)
    await server.stop()
  }

  @Test("an error of the server's own is a refusal, an answer that cannot be read is none")
  func answers() async throws {
    let server = try ScriptedServer { header, _, connection in
      let id = header.streamID
      switch id {
      case 1: connection.write(Wire.frame(id, kind: 2, [0x0A, 2, 0x08, 14]))
      case 3: connection.write(Wire.frame(id, kind: 2, [0x0A, 99]))
      default: connection.write(Wire.response(id, payload: [8]))
      }
    }
    let client = try await server.client()
    #expect(await progress(client) == .refused)
    #expect(await progress(client) == .unanswered)
    #expect(await progress(client) == nil)
    await server.stop()
  }

  @Test("a timeout after sending is unanswered, one that is over before is unsent")
  func timeout() async throws {
    let server = try ScriptedServer { _, _, _ in }
    let client = try await server.client()
    #expect(await progress(client, timeout: 100_000_000) == .unanswered)
    #expect(await progress(client, timeout: 0) == .unsent)
    await server.stop()
  }

  @Test("a call that was given up before it was sent can no longer be")
  func givenUp() {
    let frame = RequestFrame(service: "s", method: "m", payloadCount: 0, metadata: [])
    let call = ClientCall(frame: frame, payload: [], deadline: nil)
    call.finish(.failure(RPCError(.cancelled, "given up")))
    #expect(call.takeRequest() == nil)
    #expect(call.progress == .unsent)
  }
}
