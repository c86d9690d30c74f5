import FederationAPI

/// The references of one BatchGetSecrets, on the way to their results.
///
/// Each store's grant is looked up once and each reference is read once, however often it is asked for. Reads start in
/// the request's order, ``concurrentReads`` at most at a time, and end early when what was read fills the answer.
struct SecretBatch: Sendable {
  /// Reads that a store is asked for at the same time.
  static let concurrentReads = 16

  private enum Planned: Sendable {
    case read(SecretReference, StoreReading.Granted)
    case refused(RPCError)
  }

  private let reading: StoreReading
  /// What was asked for.
  private let references: [SecretReference]
  /// For each of ``references`` the place in ``plans``.
  private let places: [Int]
  /// The distinct references in the order in which each stands first.
  private let plans: [Planned]

  /// Looks up what may be read. What was denied is logged once for each store.
  init(_ references: [SecretReference], _ reading: StoreReading) {
    self.reading = reading
    self.references = references
    var grants: [ByteName: Result<StoreReading.Granted, RPCError>] = [:]
    var known: [SecretReference: Int] = [:]
    var places: [Int] = []
    var plans: [Planned] = []
    for reference in references {
      if let place = known[reference] {
        places.append(place)
        continue
      }
      known[reference] = plans.count
      places.append(plans.count)
      if let problem = StoreReading.problem(in: reference) {
        plans.append(.refused(problem))
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
      case .success(let granted): plans.append(.read(reference, granted))
      case .failure(let error): plans.append(.refused(error))
      }
    }
    self.places = places
    self.plans = plans
  }

  /// Reads and gives the results in the request's order; fails only when the task is cancelled, with what was not
  /// handed out not noted as read.
  func results() async -> Result<[Result<SecretBytes, RPCError>], RPCError> {
    let outcomes = await outcomes()
    guard !Task.isCancelled else { return .failure(RPCError(.cancelled, "the call was given up")) }
    var answer = BatchAnswer(count: references.count)
    for (reference, place) in zip(references, places) {
      guard answer.append(outcomes[place]) else { continue }
      switch plans[place] {
      case .read(_, let granted):
        if case .success = outcomes[place] { reading.journalRead(reference, granted) }
      case .refused(let error):
        if error.code == .permissionDenied { reading.journalDenied(reference) }
      }
    }
    return .success(answer.results)
  }

  /// For each plan what came of it.
  private func outcomes() async -> [Result<SecretBytes, RPCError>] {
    await withTaskGroup(of: (Int, Result<SecretBytes, RPCError>).self) { group in
      // What is left so is behind a full answer, or nobody waits for it any more.
      var outcomes = [Result<SecretBytes, RPCError>](repeating: .failure(BatchAnswer.full), count: plans.count)
      var next = 0
      var running = 0
      var heldBytes = 0
      while true {
        while running < Self.concurrentReads, next < plans.count, heldBytes < BatchAnswer.maximumBytes,
          !Task.isCancelled
        {
          let place = next
          next += 1
          switch plans[place] {
          case .refused(let error): outcomes[place] = .failure(error)
          case .read(let reference, let granted):
            running += 1
            group.addTask { (place, await reading.read(reference, from: granted).result()) }
          }
        }
        guard let (place, outcome) = await group.next() else { break }
        running -= 1
        outcomes[place] = BatchAnswer.bounded(outcome)
        // Whatever starts later stands behind these, so past the limit its value would not be in the answer.
        if case .success(let value) = outcomes[place] { heldBytes += value.count }
      }
      return outcomes
    }
  }
}

/// A name that equals another only when the bytes do, hashed with a seed: callers choose it.
private struct ByteName: Hashable {
  private let bytes: [UInt8]
  init(_ text: String) { bytes = Array(text.utf8) }
}

extension Result where Failure == RPCError {
  fileprivate var isDenied: Bool {
    if case .failure(let error) = self { error.code == .permissionDenied } else { false }
  }
}
