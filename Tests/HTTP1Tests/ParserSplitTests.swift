import HTTP1
import Testing

/// The network may cut bytes anywhere and may bring any bytes.
@Suite struct ParserSplitTests {
  static let pipelined = """
    POST /1?a=b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX-Y: z\r\n\r\nhello\
    POST http://b/2 HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n\
    3;x=y\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nT: v\r\n\r\n\
    \r\nGET /3 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n\
    GET / HTTP/1.1\r\nHost: a\r\nbad line\r\n\r\n
    """

  @Test("cutting the input at any place, or at every place, changes nothing")
  func everySplit() {
    let bytes = Array(Self.pipelined.utf8)
    let whole = ParserDriver.events(Self.pipelined)
    #expect(whole.count == 6)
    for cut in 0...bytes.count {
      var driver = ParserDriver()
      driver.feed(bytes[..<cut])
      driver.feed(bytes[cut...])
      #expect(driver.events == whole, "cut at \(cut)")
    }
    #expect(byteByByte(bytes) == whole)
  }

  @Test("a refusal is the same when the bytes come one at a time", arguments: RefusedShape.all)
  func splitRefusals(shape: RefusedShape) {
    #expect(byteByByte(shape.bytes).last == ParserDriver.outcome(shape.bytes))
  }

  @Test("no damage to valid input crashes the parser or depends on how it was cut")
  func mutations() {
    var random = SeededGenerator(seed: 20_240_611)
    let original = Array(Self.pipelined.utf8)
    let interesting = Array("\r\n\0 \t:;,0fF-+/%\"\u{7F}".utf8)
    for round in 0..<4_000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.insert(interesting.randomElement(using: &random) ?? 0, at: place)
        case 2: bytes.remove(at: place)
        default:
          let end = Int.random(in: place...min(bytes.count, place + 40), using: &random)
          bytes.insert(contentsOf: bytes[place..<end], at: place)
        }
      }
      var whole = ParserDriver()
      whole.feed(bytes)
      let cut = Int.random(in: 0...bytes.count, using: &random)
      var halves = ParserDriver()
      halves.feed(bytes[..<cut])
      halves.feed(bytes[cut...])
      #expect(halves.events == whole.events, "round \(round)")
    }
  }

  private func byteByByte(_ bytes: [UInt8]) -> [HTTP1RequestParser.Event] {
    var driver = ParserDriver()
    for byte in bytes { driver.feed(CollectionOfOne(byte)) }
    return driver.events
  }
}

/// SplitMix64: the same numbers on every run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
