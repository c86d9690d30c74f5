import FederationAPI
import Logging
import Testing

@testable import Identity

@Suite struct RefusalLogTests {
  @Test("writes a bounded number of lines a second and says how many it left out")
  func bounded() {
    let lines = IdentityTestBed.Lines()
    let clock = IdentityTestBed.Clock()
    let log = RefusalLog(log: Log(level: .info) { lines.append($0) }, clock: { clock.monotonic })
    for _ in 0..<100 { log.refused("why", peer: "p") }
    #expect(lines.all.count == 20)
    clock.advance(1)
    log.refused("later", peer: "p")
    #expect(lines.all.count == 21)
    #expect(lines.all.last?.contains(#""reason":"later","suppressed_before":"80""#) == true)
  }

  @Test("tells which limit keeps an address's tokens from being looked at, within a bound of its own")
  func unheard() {
    let lines = IdentityTestBed.Lines()
    let clock = IdentityTestBed.Clock()
    let log = RefusalLog(log: Log(level: .info) { lines.append($0) }, clock: { clock.monotonic })
    for _ in 0..<100 { log.unheard(RPCError(.resourceExhausted, "too many"), peer: "192.0.2.1:7") }
    #expect(lines.all.count == 10)
    #expect(lines.all[0].contains(#""level":"warn","event":"call_limited","limit":"failures-per-address""#))
    #expect(lines.all[0].contains(#""peer":"192.0.2.1:7""#))
    log.refused("why", peer: "p")
    #expect(lines.all.count == 11)
  }
}
