import FederationAPI

/// Several references of one call, looked up and then read.
///
/// Each store's grant is looked up once and each reference is read once, however often it is asked for. Reads start in
/// order, ``concurrentReads`` at most at a time.
struct PlannedReads: Sendable {
  /// Reads that stores are asked for at the same time.
  static let concurrentReads = 16

  /// What is to become of a reference.
  enum Plan: Sendable {
    case read(StoreReading.Granted)
    case refused(RPCError)
  }

  /// What came of a reference.
  struct Outcome: Sendable {
    var result: Result<SecretBytes, RPCError>
    /// How many seconds past its time the value is; nil when it is not, and when nobody wants to know.
    var staleSeconds: UInt32?
  }

  private let reading: StoreReading
  /// For each reference that was given the place in ``distinct``.
  private let places: [Int]
  /// In the order in which each stands first.
  private let distinct: [(reference: SecretReference, plan: Plan)]

  /// Looks up what may be read. What was denied is logged once for each store.
  init(_ references: [SecretReference], _ reading: StoreReading) {
    self.reading = reading
    var grants: [ByteName: Result<StoreReading.Granted, RPCError>] = [:]
    var known: [SecretReference: Int] = [:]
    var places: [Int] = []
    var distinct: [(reference: SecretReference, plan: Plan)] = []
    for reference in references {
      if let place = known[reference] {
        places.append(place)
        continue
      }
      known[reference] = distinct.count
      places.append(distinct.count)
      if let problem = StoreReading.problem(in: reference) {
        distinct.append((reference, .refused(problem)))
        continue
      }
      let grant: Result<StoreReading.Granted, RPCError>
      if let looked = grants[ByteName(reference.store)] {
        grant = looked
      } else {
        grant = reading.grant(of: reference.store)
        grants[ByteName(reference.store)] = grant
        if grant.isDenied { reading.logDenied(reference) }
      }
      switch grant {
      case .success(let granted): distinct.append((reference, .read(granted)))
      case .failure(let error): distinct.append((reference, .refused(error)))
      }
    }
    self.places = places
    self.distinct = distinct
  }

  /// The plan for the reference that was given at `index`.
  func plan(_ index: Int) -> Plan { distinct[places[index]].plan }

  /// For each reference that was given what came of it. Nothing is started any more once the task is cancelled, what was
  /// read is more than `maximumBytes`, or `share` has no room for it: then what stands behind it is `unread`.
  func outcomes(
    maximumBytes: Int, unread: RPCError, share: ByteRoom.Share
  ) async -> [Outcome] {
    let outcomes = await withTaskGroup(of: (Int, Outcome).self) { group in
      var outcomes = [Outcome](repeating: Outcome(result: .failure(unread)), count: distinct.count)
      var next = 0
      var running = 0
      var heldBytes = 0
      while true {
        while running < Self.concurrentReads, next < distinct.count, heldBytes <= maximumBytes, !Task.isCancelled {
          let place = next
          next += 1
          switch distinct[place].plan {
          case .refused(let error): outcomes[place].result = .failure(error)
          case .read(let granted):
            running += 1
            let reference = distinct[place].reference
            group.addTask { (place, await reading.outcome(of: reference, from: granted)) }
          }
        }
        guard let (place, outcome) = await group.next() else { break }
        running -= 1
        outcomes[place] = outcome
        guard case .success(let value) = outcome.result else { continue }
        if share.take(value.count) {
          heldBytes += value.count
        } else {
          outcomes[place] = Outcome(result: .failure(.noRoomForValue))
          heldBytes = maximumBytes + 1
        }
      }
      return outcomes
    }
    return places.map { outcomes[$0] }
  }
}

extension StoreReading {
  /// Reads one of several values, and finds out how old it is by itself.
  fileprivate func outcome(of reference: SecretReference, from granted: Granted) async -> PlannedReads.Outcome {
    guard let freshness else { return PlannedReads.Outcome(result: await read(reference, from: granted).result()) }
    let own = ReadFreshness(asksBackend: freshness.asksBackend)
    let result = await read(reference, from: granted, own).result()
    return PlannedReads.Outcome(result: result, staleSeconds: own.staleSeconds)
  }
}

/// A name that equals another only when the bytes do, hashed with a seed: callers choose it.
private struct ByteName: Hashable {
  private let bytes: [UInt8]
  init(_ text: String) { bytes = Array(text.utf8) }
}

extension Result where Failure == RPCError {
  /// Whether no Authorization grants it.
  var isDenied: Bool {
    if case .failure(let error) = self { error.code == .permissionDenied } else { false }
  }
}

extension RPCError {
  /// What a value is replaced by that there is no room for.
  static let noRoomForValue = RPCError(
    .resourceExhausted, "server busy: calls for several secrets hold too many values; retry later, or ask for it alone",
    retryAfterSeconds: 1)
}
