import FederationAPI
import Testing

@testable import GRPC

@Suite struct GRPCTextTests {
  @Test(
    "timeouts are read in every unit",
    arguments: [
      ("1H", 3_600_000_000_000), ("2M", 120_000_000_000), ("3S", 3_000_000_000), ("4m", 4_000_000), ("5u", 5_000),
      ("6n", 6), ("0S", 0), ("99999999n", 99_999_999), ("99999999H", UInt64.max),
    ])
  func timeouts(text: String, nanoseconds: UInt64) {
    // 99,999,999 hours are more nanoseconds than there are numbers for.
    #expect(GRPCTimeout(text)?.nanoseconds == nanoseconds)
  }

  @Test(
    "what is no timeout is none", arguments: ["", "S", "1", "1s", "-1S", "+1S", "1.5S", "123456789n", " 1S", "1 S"])
  func malformed(text: String) {
    #expect(GRPCTimeout(text) == nil)
  }

  @Test("a timeout is written in the finest unit that eight digits allow, never shorter than it is")
  func written() {
    #expect(GRPCTimeout.text(nanoseconds: 99_999_999) == "99999999n")
    #expect(GRPCTimeout.text(nanoseconds: 100_000_001) == "100001u")
    #expect(GRPCTimeout.text(nanoseconds: .max) == "5124096H")
  }

  @Test("messages go percent-encoded and come back", arguments: ["plain", "50%", "ä\n\u{1F511}", "", "%41", "\u{7F}"])
  func percent(text: String) {
    let encoded = GRPCStatusFields.percentEncoded(text)
    #expect(encoded.utf8.allSatisfy { $0 >= 0x20 && $0 <= 0x7E })
    #expect(GRPCStatusFields.percentDecoded(encoded) == text)
  }

  @Test("the letters that need no escape have none, the percent sign has one")
  func letters() {
    #expect(GRPCStatusFields.percentEncoded("no \"x\" ~ 5%ä") == "no \"x\" ~ 5%25%C3%A4")
  }
}
