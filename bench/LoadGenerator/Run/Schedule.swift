/// When the calls of an open loop are due: call n at start + n / rate, on connection n modulo their number.
struct Schedule {
  private let start: UInt64
  private let interval: Double
  private let connections: Int
  /// For each connection, how many of its calls were taken.
  private var taken: [Int]
  private var announced = 0

  init(start: UInt64, rate: Double, connections: Int) {
    self.start = start
    interval = 1e9 / rate
    self.connections = connections
    taken = [Int](repeating: 0, count: connections)
  }

  private func due(_ number: Int) -> UInt64 { start &+ UInt64(Double(number) * interval) }

  /// When the next call is due that was not announced yet.
  var nextDue: UInt64 { due(announced) }

  /// The connection of the next call that is due at `now` and was not announced yet.
  mutating func announce(now: UInt64) -> Int? {
    guard nextDue <= now else { return nil }
    defer { announced += 1 }
    return announced % connections
  }

  /// Whether a call is due before `end` that was not taken yet.
  func isMoreDue(before end: UInt64) -> Bool {
    taken.enumerated().contains { due($1 * connections + $0) < end }
  }

  /// Takes the next call of `connection` when it is due at `now` and before `end`, and says when that was.
  mutating func take(_ connection: Int, now: UInt64, before end: UInt64) -> UInt64? {
    let due = due(taken[connection] * connections + connection)
    guard due <= now, due < end else { return nil }
    taken[connection] += 1
    return due
  }
}
