/// A point that one task stops at until a test lets it go on.
struct Gate: Sendable {
  private let arrivals = AsyncStream<Void>.makeStream()
  private let departures = AsyncStream<Void>.makeStream()

  /// Waits until somebody has arrived.
  func arrival() async { for await _ in arrivals.stream { return } }

  /// Lets whoever arrived go on.
  func open() { departures.continuation.yield() }

  /// Arrives, and waits to be let go on.
  func pass() async {
    arrivals.continuation.yield()
    for await _ in departures.stream { return }
  }
}
