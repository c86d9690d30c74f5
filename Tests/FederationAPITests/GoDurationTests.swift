import FederationAPI
import Testing

@Suite struct GoDurationTests {
  @Test(
    "every unit is read, and several add up",
    arguments: [
      ("0", 0), ("90s", 90), ("1h30m", 5_400), ("1.5m", 90), ("250ms", 0.25), ("1m0.5s", 60.5), ("0s", 0),
    ] as [(String, Double)])
  func good(_ text: String, _ seconds: Double) throws {
    let duration = try #require(GoDuration(text))
    #expect(duration.seconds == seconds)
    #expect(duration.text == text)
  }

  @Test("units below a millisecond are read", arguments: ["1500us", "1500µs", "1500μs", "1500000ns"])
  func small(_ text: String) throws {
    #expect(abs(try #require(GoDuration(text)).seconds - 0.0015) < 1e-12)
  }

  @Test(
    "anything else is refused",
    arguments: ["", "5", "-5s", "s", "1d", "1h 30m", "1..5s", ".", "1e3s", "٣s", "1", "5sx", "infs", "nan"])
  func bad(_ text: String) { #expect(GoDuration(text) == nil) }

  @Test("a number past every Double is refused")
  func infinite() { #expect(GoDuration(String(repeating: "9", count: 400) + "h") == nil) }
}
