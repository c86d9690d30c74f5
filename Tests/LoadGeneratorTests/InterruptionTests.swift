import Testing

@testable import federation_bench

@Suite(.timeLimit(.minutes(1))) struct InterruptionTests {
  @Test("a wish that comes between the ready line and the wait for it is not lost")
  func early() async {
    let interruption = Interruption()
    interruption.expect()
    #expect(interruption.interrupt())
    await interruption.wait()
    #expect(!interruption.interrupt(), "the second wish is for an end at once")
  }

  @Test("a command that waits for nothing is not ended in order")
  func unexpected() {
    #expect(!Interruption().interrupt())
  }
}
