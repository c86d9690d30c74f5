import FederationAPI
import Synchronization

/// The fetches of one store that are under way: whoever asks for what is being fetched waits for the same answer.
///
/// A fetch begins when its backend is asked; until then it may stand in line. One that nobody waits for any more is
/// dropped before it begins, unless the last of them took something older in its place. One that has begun goes on, as
/// its answer is kept for whoever comes next, and its own time bounds it. So there are at most as many fetches as callers
/// that may wait, half as many again that nobody waits for, and those that the backend is asked for now.
final class SharedFetches<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  typealias Answer = Result<Value, BackendError>
  typealias Fetch = @Sendable (_ turn: FetchTurn) async -> Answer

  private let maximumWaiting: Int
  private let joins: @Sendable (_ place: LinePlace, _ party: Int?) -> Void
  private let state = Mutex(FetchState<Key, Value>())

  /// `joins` is told when another caller wants a fetch that has a place in line.
  init(maximumWaiting: Int, joins: @escaping @Sendable (_ place: LinePlace, _ party: Int?) -> Void = { _, _ in }) {
    self.maximumWaiting = maximumWaiting
    self.joins = joins
  }

  /// How many wait.
  var waiting: Int { state.withLock { $0.waiting } }
  /// How many fetches there are, in line and begun.
  var count: Int { state.withLock { $0.flights.count } }

  /// What came of a call to ``answer(_:asksBackend:of:fetch:)``.
  enum Outcome: Sendable {
    case answered(Answer)
    /// Too many wait already.
    case full
    /// Too many of this caller's wait already.
    case overShare
    /// It took longer than the caller's patience; the fetch goes on.
    case late
    /// The task was cancelled.
    case givenUp
  }

  /// Waits for the answer about `key`; `fetch` is called when nobody fetches it yet. With `asksBackend` the answer is of a
  /// fetch that begins after this call, for others who want the same.
  ///
  /// A `caller` may have as many waiting as it leaves places free: alone half of them, and the more callers wait, the
  /// fewer each, so that there is always a place for another one. With `patience` it waits for so long at most.
  func answer(
    _ key: Key, asksBackend: Bool = false, of caller: Int? = nil, patience: FetchPatience? = nil, fetch: @escaping Fetch
  ) async -> Outcome {
    let seat = OneAnswer<Outcome>()
    let flight: UInt64
    let since: MonotonicTime
    switch state.withLock({ $0.take(seat, key, asksBackend: asksBackend, of: caller, maximum: maximumWaiting) }) {
    case .full: return .full
    case .overShare: return .overShare
    case .first(let number, let place):
      (flight, since) = (number, .now)
      launch(number, place, fetch)
    case .further(let number, let place, let begunAt):
      (flight, since) = (number, begunAt)
      joins(place, caller)
    }
    let outcome =
      if let patience {
        await seat.wait(
          until: min(since.advanced(bySeconds: patience.seconds), patience.end), late: .late, givenUp: .givenUp)
      } else {
        await seat.wait(givenUp: .givenUp)
      }
    var isLate = false
    if case .late = outcome { isLate = true }
    state.withLock {
      $0.leave(seat, flight, caller, keepsFetch: isLate && $0.flights.count <= maximumWaiting / 2)
    }?.cancel()
    return outcome
  }

  /// Fetches `key` for whoever comes, unless somebody does already. False when there are too many fetches for that.
  func begin(_ key: Key, fetch: @escaping Fetch) -> Bool {
    let place = LinePlace(of: nil)
    let (isPossible, number) = state.withLock { state -> (Bool, UInt64?) in
      guard state.newest[key] == nil else { return (true, nil) }
      guard state.flights.count < maximumWaiting / 2 else { return (false, nil) }
      return (true, state.add(Flight(key: key, place: place, asksBackend: false, isAhead: true)))
    }
    if let number { launch(number, place, fetch) }
    return isPossible
  }

  private func launch(_ number: UInt64, _ place: LinePlace, _ fetch: @escaping Fetch) {
    let task = Task {
      let answer = await fetch(FetchTurn(place: place) { self.state.withLock { $0.begin(number) } })
      guard let flight = state.withLock({ $0.remove(number) }) else { return }
      for seat in flight.seats.values { seat.tell(.answered(answer)) }
    }
    state.withLock { $0.flights[number]?.task = task }
  }
}

/// What a fetch is given.
struct FetchTurn: Sendable {
  /// Its place in the line for its backend.
  let place: LinePlace
  /// Says, once, that the backend is about to be asked; false means that nobody wants to know any more.
  let begins: @Sendable () -> Bool
}

/// How long who has something older waits for a fetch.
struct FetchPatience: Sendable {
  /// Seconds since the fetch was first wanted, by whomever: who comes late to one that takes long does not wait as long
  /// once more.
  var seconds: Double
  /// When the caller has to have an answer in any case.
  var end: MonotonicTime
}

/// One fetch, and who waits for it.
private struct Flight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  typealias Seat = OneAnswer<SharedFetches<Key, Value>.Outcome>

  let key: Key
  let place: LinePlace
  let asksBackend: Bool
  /// Whether it is wanted although nobody waits for it.
  var isAhead: Bool
  let since = MonotonicTime.now
  var seats: [ObjectIdentifier: Seat] = [:]
  var hasBegun = false
  var task: Task<Void, Never>?
}

private struct FetchState<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  typealias Seat = Flight<Key, Value>.Seat

  enum Place {
    case first(flight: UInt64, LinePlace)
    case further(flight: UInt64, LinePlace, since: MonotonicTime)
    case full, overShare
  }

  var flights: [UInt64: Flight<Key, Value>] = [:]
  /// The flight that was added last, of each key.
  var newest: [Key: UInt64] = [:]
  var waiting = 0
  private var nextNumber: UInt64 = 0
  private var waitingOf: [Int: Int] = [:]

  mutating func take(_ seat: Seat, _ key: Key, asksBackend: Bool, of caller: Int?, maximum: Int) -> Place {
    guard waiting < maximum else { return .full }
    if let caller {
      guard waitingOf[caller, default: 0] < maximum - waiting else { return .overShare }
      waitingOf[caller, default: 0] += 1
    }
    waiting += 1
    if let number = newest[key], let flight = flights[number],
      !asksBackend || (flight.asksBackend && !flight.hasBegun)
    {
      flights[number]?.seats[ObjectIdentifier(seat)] = seat
      return .further(flight: number, flight.place, since: flight.since)
    }
    let place = LinePlace(of: caller)
    var flight = Flight<Key, Value>(key: key, place: place, asksBackend: asksBackend, isAhead: false)
    flight.seats[ObjectIdentifier(seat)] = seat
    return .first(flight: add(flight), place)
  }

  mutating func add(_ flight: Flight<Key, Value>) -> UInt64 {
    defer { nextNumber += 1 }
    flights[nextNumber] = flight
    newest[flight.key] = nextNumber
    return nextNumber
  }

  /// Whether anybody still wants the flight.
  mutating func begin(_ number: UInt64) -> Bool {
    flights[number]?.hasBegun = true
    return flights[number] != nil
  }

  /// Gives the task of a flight that is dropped by that, which `keepsFetch` forbids.
  mutating func leave(
    _ seat: Seat, _ number: UInt64, _ caller: Int?, keepsFetch: Bool
  ) -> Task<Void, Never>? {
    waiting -= 1
    if let caller, let count = waitingOf[caller] { waitingOf[caller] = count > 1 ? count - 1 : nil }
    flights[number]?.seats[ObjectIdentifier(seat)] = nil
    if keepsFetch { flights[number]?.isAhead = true }
    guard let flight = flights[number], flight.seats.isEmpty, !flight.hasBegun, !flight.isAhead else { return nil }
    return remove(number)?.task
  }

  mutating func remove(_ number: UInt64) -> Flight<Key, Value>? {
    guard let flight = flights.removeValue(forKey: number) else { return nil }
    if newest[flight.key] == number { newest[flight.key] = nil }
    return flight
  }
}
