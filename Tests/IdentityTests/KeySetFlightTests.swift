import Testing

@testable import Identity

@Suite(.timeLimit(.minutes(1))) struct KeySetFlightTests {
  @Test("lets all go on who wait before and after the end")
  func finish() async {
    let flight = KeySetFlight()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<100 { group.addTask { await flight.wait() } }
      group.addTask { flight.finish() }
    }
    await flight.wait()
    flight.finish()
  }

  @Test("lets one go on who is cancelled, whenever that happens, and keeps the others waiting")
  func cancel() async {
    for _ in 0..<200 {
      let flight = KeySetFlight()
      let patient = Task { await flight.wait() }
      let hasty = Task { await flight.wait() }
      hasty.cancel()
      await hasty.value
      flight.finish()
      await patient.value
    }
  }
}
