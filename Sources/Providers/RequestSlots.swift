import FederationAPI
import Synchronization

/// How many exchanges with one backend run at once. The others wait in line, each until its own deadline: a line for each
/// party, which are served in turn, so that nobody waits for all that another one asks.
final class RequestSlots: Sendable {
  fileprivate struct Party {
    var line = NumberedLine<LinePlace>()
    /// Its number among the parties whose turn comes.
    var turn: UInt64
  }

  fileprivate struct State {
    var free: Int
    /// Those that have somebody in line.
    var parties: [Int?: Party] = [:]
    var turns = NumberedLine<Int?>()
    /// Where each place stands.
    var standing: [ObjectIdentifier: [(party: Int?, number: UInt64)]] = [:]
  }

  private let state: Mutex<State>

  init(_ count: Int) { state = Mutex(State(free: count)) }

  /// How many wait in line, in each of the lines that they stand in.
  var waiting: Int { state.withLock { $0.parties.values.reduce(0) { $0 + $1.line.count } } }

  /// Runs `body` when the turn of `place` has come. Nil when it had not by `deadline`, or before the task was cancelled;
  /// with a slot `body` is not cancelled by this.
  func run<Value>(
    by deadline: MonotonicTime, at place: LinePlace = LinePlace(of: nil), _ body: () async -> Value
  ) async -> Value? {
    guard await enter(place, by: deadline) else { return nil }
    defer { release() }
    return await body()
  }

  /// Has `place` stand in line for `party`, too, as long as it waits.
  func join(_ place: LinePlace, _ party: Int?) {
    state.withLock { state in
      guard place.add(party), state.standing[ObjectIdentifier(place)] != nil else { return }
      state.add(place, of: party)
    }
  }

  private func enter(_ place: LinePlace, by deadline: MonotonicTime) async -> Bool {
    let isFree = state.withLock { state in
      guard state.free == 0 else {
        state.free -= 1
        return true
      }
      for party in place.parties { state.add(place, of: party) }
      return false
    }
    if isFree { return true }
    if await place.turn.wait(until: deadline, late: false, givenUp: false) { return true }
    state.withLock { $0.remove(place) }
    return false
  }

  private func release() {
    // Who was told to leave, and has not yet, does not take the slot.
    while let next = state.withLock({ $0.takeFirst() }) { if next.turn.tell(true) { return } }
  }
}

extension RequestSlots.State {
  fileprivate mutating func add(_ place: LinePlace, of party: Int?) {
    var entry = parties.removeValue(forKey: party) ?? RequestSlots.Party(turn: turns.add(party))
    let number = entry.line.add(place)
    parties[party] = entry
    standing[ObjectIdentifier(place), default: []].append((party, number))
  }

  fileprivate mutating func remove(_ place: LinePlace) {
    for (party, number) in standing.removeValue(forKey: ObjectIdentifier(place)) ?? [] {
      parties[party]?.line.remove(number)
      guard let entry = parties[party], entry.line.isEmpty else { continue }
      turns.remove(entry.turn)
      parties[party] = nil
    }
  }

  /// Who is next, who then has the slot; nil, with the slot free again, when nobody is.
  fileprivate mutating func takeFirst() -> LinePlace? {
    guard let party = turns.removeFirst(), var entry = parties.removeValue(forKey: party),
      let place = entry.line.removeFirst()
    else {
      free += 1
      return nil
    }
    if !entry.line.isEmpty {
      entry.turn = turns.add(party)
      parties[party] = entry
    }
    remove(place)
    return place
  }
}
