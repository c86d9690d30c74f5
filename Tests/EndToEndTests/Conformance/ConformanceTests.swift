import FederationAPI
import Testing

@Suite struct ConformanceTests {
  @Test("the same question has the same answer on all wires", arguments: ConformanceTable.all)
  func sameAnswer(_ asked: ConformanceCase) async throws {
    let world = try await ConformanceWorld.shared.value
    let question = try ConformanceQuestion(asked, in: world)
    let overRPC = try await RPCWire.ttrpc(question)
    let overGRPC = try await RPCWire.grpc(question)
    let overHTTP = try await HTTPWire.ask(question, in: world)
    let body = String(decoding: overHTTP.body, as: UTF8.self)

    switch asked.expected {
    case .value(let value):
      #expect(overRPC == .success(value))
      #expect(overGRPC == .success(value))
      #expect(overHTTP.status == 200)
      #expect(body == GoJSON.body(value))
    case .failure(let code, let message):
      #expect(overRPC == .failure(RPCError(code, message)))
      #expect(overGRPC == .failure(RPCError(code, message)))
      #expect(overHTTP.status == HTTPWire.status(code))
      #expect(body == GoJSON.body(message))
    case .failureBeginning(let code, let beginning):
      guard case .failure(let error) = overRPC else {
        Issue.record("\(overRPC) is no failure")
        return
      }
      #expect(error.code == code)
      #expect(error.message.hasPrefix(beginning))
      #expect(overGRPC == .failure(error))
      #expect(overHTTP.status == HTTPWire.status(code))
      // A body over its limit is refused before anybody reads it; every other text is the same.
      if code == .resourceExhausted {
        #expect(body.hasPrefix("\"" + beginning) && body.hasSuffix("\"\n"))
      } else {
        #expect(body == GoJSON.body(error.message))
      }
    }
    #expect(overHTTP.header("content-type") == "application/json")
    #expect(overHTTP.header("cache-control") == "no-store", "D28")
    #expect(overHTTP.header("www-authenticate") == nil)
  }

  @Test("the table has the breadth that is asked of it, and no case twice")
  func breadth() {
    let names = ConformanceTable.all.map(\.name)
    #expect(names.count >= 40)
    #expect(Set(names).count == names.count)
  }
}
