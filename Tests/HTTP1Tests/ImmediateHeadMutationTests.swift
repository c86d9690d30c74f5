import Testing

@testable import HTTP1

/// Requests damaged at random: what the short way still takes, the parser reads the same way.
@Suite struct ImmediateHeadMutationTests {
  private static let seeds = [
    "POST /secretstore/S/secrets/K HTTP/1.1\r\nHost: a.b:80\r\nAuthorization: Bearer t.t.t\r\nContent-Length: 2\r\n\r\n{}",
    "POST /a HTTP/1.1\r\nhost: h\r\nuser-agent: x/1.0 (y)\r\naccept: */*\r\nauthorization: t\r\n\r\nPOST /b HTTP/1.1\r\n",
    "POST / HTTP/1.1\r\nContent-Length:  05\r\nConnection: Keep-Alive\r\nHOST:1.2.3.4\r\n\r\nhello, more",
    "POST /long HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + String(repeating: "eyJh.", count: 30)
      + "\r\nContent-Length: 5\r\n\r\n0\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\n\r\n",
  ].map { Array($0.utf8) }

  private static let pieces = [
    "\r\n", "\r", "\n", " ", "\t", ":", ",", "\0", "\u{7F}", "é", "?", "#", "%", "/", "0", "9", "\r\n ", "\r\n\r\n",
    "Host: b\r\n", "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "Expect: x\r\n",
    "Connection: close\r\n", "Connection: keep-alive\r\n", "Authorization: u\r\n", "Authorization:\r\n",
    "X-Workload-Token: w\r\n", "X: y\r\n", " HTTP/1.1\r\n", "POST /", "0\r\n\r\n",
  ].map { Array($0.utf8) }

  @Test("what is taken of damaged requests the parser reads the same way", arguments: 0..<4)
  func differential(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var taken = 0
    for round in 0..<5_000 {
      let bytes = Self.mutated(&random)
      let outcome = HeadReadings.outcome(bytes, limits: Self.limits(&random))
      if case .differs(let how) = outcome {
        Issue.record("round \(round): \(how): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
      }
      if outcome == .taken { taken += 1 }
    }
    #expect((500..<4_500).contains(taken))
  }

  private static func mutated(_ random: inout SeededGenerator) -> [UInt8] {
    var bytes = seeds.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, place + Int.random(in: 1...12, using: &random))
      switch Int.random(in: 0..<8, using: &random) {
      case 0: bytes.remove(at: place)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes[place] ^= 0x20
      case 3: bytes.removeSubrange(place..<end)
      case 4: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
      case 5: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
      default:
        // At the start of a line, where a piece is most likely to mean something.
        let lines = bytes.indices.filter { bytes[$0] == lineFeed }
        let start = lines.randomElement(using: &random).map { $0 + 1 } ?? place
        bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: start)
      }
    }
    return bytes
  }

  /// Mostly the usual limits, and now and then some that these requests are near.
  private static func limits(_ random: inout SeededGenerator) -> HTTP1Limits {
    var limits = HTTP1Limits()
    guard Int.random(in: 0..<4, using: &random) == 0 else { return limits }
    limits.requestLineBytes = Int.random(in: 10...50, using: &random)
    limits.headerBytes = Int.random(in: 20...300, using: &random)
    limits.headerFields = Int.random(in: 1...6, using: &random)
    limits.bodyBytes = Int.random(in: 0...12, using: &random)
    return limits
  }
}
