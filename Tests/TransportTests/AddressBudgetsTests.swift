import FederationAPI
import Logging
import TestSupport
import Testing

@testable import Transport

@Suite struct AddressBudgetsTests {
  private static let start = MonotonicTime(nanoseconds: 1_000_000_000)

  private func address(_ host: String) throws -> SocketAddress {
    try #require(try SocketAddress.resolve(host: host, port: 1, passive: false).first)
  }

  @Test("an address has its own budget, which comes back with time")
  func perAddress() throws {
    var budgets = AddressBudgets(.init(burst: 2, perSecond: 1), loops: 1)
    let (one, other) = (try address("192.0.2.1"), try address("192.0.2.2"))
    var admitted = [one, one, one, other].map { budgets.admits($0, at: Self.start) }
    #expect(admitted == [true, true, false, true])
    admitted = [one, one].map { budgets.admits($0, at: Self.start.advanced(bySeconds: 1)) }
    #expect(admitted == [true, false])
  }

  @Test("the hosts of one IPv6 /64 share a budget, those of another and mapped IPv4 addresses do not")
  func networks() throws {
    var budgets = AddressBudgets(.init(burst: 1, perSecond: 0), loops: 1)
    let hosts = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "::ffff:192.0.2.1", "::ffff:192.0.2.2"]
    let admitted = try hosts.map { budgets.admits(try address($0), at: Self.start) }
    #expect(admitted == [true, false, true, true, true])
  }

  @Test("loops share an allowance, and without one everybody is let in")
  func allowances() throws {
    var half = AddressBudgets(.init(burst: 4, perSecond: 0), loops: 2)
    let one = try address("192.0.2.1")
    let admitted = (0..<3).map { _ in half.admits(one, at: Self.start) }
    #expect(admitted == [true, true, false])
    var none = AddressBudgets(nil, loops: 1)
    let all = (0..<100).map { _ in none.admits(one, at: Self.start) }
    #expect(!all.contains(false))
    #expect(none.count == 0)
  }

  @Test("no number of addresses makes the table grow past its bound")
  func bounded() throws {
    var budgets = AddressBudgets(.init(burst: 1, perSecond: 0), loops: 1)
    for index in 0..<10_000 {
      _ = budgets.admits(try address("10.0.\(index >> 8).\(index & 255)"), at: Self.start)
    }
    #expect(budgets.count <= AddressBudgets.maximumCount)
  }

  @Test("a connection past the budget is closed before anything is read of it")
  func closed() async throws {
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    var limits = ListenerLimits()
    limits.connectionsPerAddress = .init(burst: 1, perSecond: 0)
    let (events, continuation) = AsyncStream<RecordingHandler.Event>.makeStream()
    let server = try group.listen(host: "127.0.0.1", port: 0, tls: nil, limits: limits) { _ in
      RecordingHandler(continuation)
    }
    let first = try RawClient(port: server.port)
    first.send("x")
    var seen = events.makeAsyncIterator()
    #expect(await seen.next() == .opened(nil))
    let second = try RawClient(port: server.port)
    #expect(await second.everything() == "")
    #expect(!first.hasEnded)
    await group.shutDown(graceSeconds: 0)
  }
}
