import Testing

@testable import esi_cli

@Suite struct GoDurationTests {
  @Test("Go's syntax is read")
  func reading() throws {
    #expect(GoDuration("1h2m")?.seconds == 3_720)
  }
}
