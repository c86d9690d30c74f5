/// What one event loop counts of its calls and connections. That loop's thread alone touches it, so nothing here is locked
/// or atomic: who wants to know asks the loop for ``totals``.
public final class CallCounts {
  /// Whose state it is on each loop. Any object would do, as long as it is always the same.
  public static let owner = Owner()
  /// See ``CallCounts/owner``.
  public final class Owner: Sendable {}

  /// ``CallTotals/answeredCount`` places. Not an array, which each call would have to find unshared.
  private var answered = InlineArray<748, UInt64>(repeating: 0)
  private var waits: [DurationCounts]
  private var connections: [Int]

  /// Makes counts of nothing.
  public init() {
    precondition(answered.count == CallTotals.answeredCount)
    waits = CallTotals().waits
    connections = CallTotals().connections
  }

  /// A call was answered.
  public func answered(_ wire: CallWire, _ method: CallMethod, _ code: StatusCode) {
    answered[CallTotals.place(wire, method, code)] &+= 1
  }

  /// A call that had to wait for something outside the loop was answered `nanoseconds` after it came.
  public func waited(_ wire: CallWire, _ method: CallMethod, nanoseconds: UInt64) {
    waits[CallTotals.place(wire, method)].add(nanoseconds: nanoseconds)
  }

  /// A connection was opened; gRPC's are those of `http2`.
  public func opened(_ wire: CallWire) { connections[wire.rawValue] += 1 }

  /// A connection that was opened is gone.
  public func closed(_ wire: CallWire) { connections[wire.rawValue] -= 1 }

  /// A copy of all.
  public var totals: CallTotals {
    var totals = CallTotals()
    totals.answered = answered.indices.map { answered[$0] }
    totals.waits = waits
    totals.connections = connections
    return totals
  }
}

/// What ``CallCounts`` of one or more loops have come to.
public struct CallTotals: Sendable, Equatable {
  static let codeCount = 17
  static let methodCount = 11
  static let wireCount = 4
  static let answeredCount = wireCount * methodCount * codeCount

  fileprivate(set) var answered = [UInt64](repeating: 0, count: Self.answeredCount)
  fileprivate(set) var waits = [DurationCounts](
    repeating: DurationCounts(), count: Self.wireCount * Self.methodCount)
  fileprivate(set) var connections = [Int](repeating: 0, count: Self.wireCount)

  /// Nothing.
  public init() {}

  /// Calls that were answered so.
  public func answered(_ wire: CallWire, _ method: CallMethod, _ code: StatusCode) -> UInt64 {
    answered[Self.place(wire, method, code)]
  }

  /// How long calls took that had to wait.
  public func waits(_ wire: CallWire, _ method: CallMethod) -> DurationCounts { waits[Self.place(wire, method)] }

  /// Connections that are open.
  public func connections(_ wire: CallWire) -> Int { connections[wire.rawValue] }

  /// Adds what another loop has counted.
  public mutating func add(_ other: CallTotals) {
    for index in answered.indices { answered[index] &+= other.answered[index] }
    for index in waits.indices { waits[index].add(other.waits[index]) }
    for index in connections.indices { connections[index] += other.connections[index] }
  }

  /// Takes the loop to have no connections.
  public mutating func forgetConnections() { connections = Self().connections }

  static func place(_ wire: CallWire, _ method: CallMethod) -> Int {
    wire.rawValue * methodCount + method.rawValue
  }

  static func place(_ wire: CallWire, _ method: CallMethod, _ code: StatusCode) -> Int {
    place(wire, method) * codeCount + Int(code.rawValue)
  }
}

/// How many durations were within each of some bounds.
public struct DurationCounts: Sendable, Equatable {
  /// Upper bounds in seconds, rising. What is past the last is in ``count`` only.
  public static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  /// Durations up to each bound and past the one before it.
  public private(set) var within = [UInt64](repeating: 0, count: Self.bounds.count)
  /// All durations.
  public private(set) var count: UInt64 = 0
  /// Their sum, in nanoseconds.
  public private(set) var nanoseconds: UInt64 = 0

  /// None.
  public init() {}

  /// Counts one.
  public mutating func add(nanoseconds duration: UInt64) {
    count &+= 1
    nanoseconds &+= duration
    let seconds = Double(duration) / 1e9
    if let place = Self.bounds.firstIndex(where: { seconds <= $0 }) { within[place] &+= 1 }
  }

  /// Adds others.
  public mutating func add(_ other: DurationCounts) {
    count &+= other.count
    nanoseconds &+= other.nanoseconds
    for index in within.indices { within[index] &+= other.within[index] }
  }
}
