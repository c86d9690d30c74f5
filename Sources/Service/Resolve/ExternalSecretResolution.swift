import ExternalSecrets
import FederationAPI
import JSON
import RegularExpressions
import SecretStores

/// One ExternalSecret on the way to its values, with ESO's meaning: `dataFrom` in its order, a later item over an earlier
/// one, and then `data` over all. One item that fails fails the whole.
///
/// Grants are looked up before any store is asked, and generators asked when all else is there: what they issue would be
/// lost with a call that fails.
struct ExternalSecretResolution: Sendable {
  /// What all values may take: an answer has to hold them.
  static let maximumBytes = Limits.message - 1_024
  /// Keys that one find may mean.
  static let maximumFound = 10_000
  /// What all regular expressions of a call may cost.
  static let effort = 20_000_000

  private let spec: ExternalSecretSpec
  private let store: String
  private let reading: StoreReading
  private let room: ByteRoom
  /// By the item's place in `dataFrom`; nothing has been issued yet.
  private let generators: [Int: Reply<[String: SecretBytes]>]

  /// Checks what `spec` names and what the caller may have of it, first `dataFrom` and then `data`.
  ///
  /// Throws PERMISSION_DENIED for the first that is not granted, and what is wrong with a name with its path.
  init(
    _ spec: ExternalSecretSpec, store: String, _ reading: StoreReading, _ room: ByteRoom,
    generate: (GeneratorReference) -> Reply<[String: SecretBytes]>
  ) throws(RPCError) {
    self.spec = spec
    self.store = store
    self.reading = reading
    self.room = room
    var generators: [Int: Reply<[String: SecretBytes]>] = [:]
    var granted: Set<[UInt8]> = []
    for (index, item) in spec.dataFrom.enumerated() {
      let path = "dataFrom[\(index)]"
      switch item.source {
      case .generator(let namespace, let kind, let name):
        let reply = generate(GeneratorReference(namespace: namespace, kind: kind, name: name))
        if case .ready(.failure(let error)) = reply { throw error.at(path) }
        generators[index] = reply
      case .extract(let remote):
        try Self.check(SecretReference(remote, item.store ?? store), &granted, reading, path)
      case .find(let find):
        let all = SecretReference(store: item.store ?? store, key: "*")
        try Self.check(all, &granted, reading, path)
        guard !find.tags.isEmpty else { continue }
        let granted = try reading.grant(of: all.store).mapError { $0.at(path) }.get()
        if !granted.store.hasTags { throw RPCError.noTags(all.store).at("\(path).find.tags") }
      }
    }
    for (index, item) in spec.data.enumerated() {
      try Self.check(SecretReference(item.remote, item.store ?? store), &granted, reading, "data[\(index)]")
    }
    self.generators = generators
  }

  private static func check(
    _ reference: SecretReference, _ granted: inout Set<[UInt8]>, _ reading: StoreReading, _ path: String
  ) throws(RPCError) {
    if let problem = StoreReading.problem(in: reference) { throw problem.at(path) }
    guard !granted.contains(Array(reference.store.utf8)) else { return }
    let grant = reading.grant(of: reference.store)
    if grant.isDenied {
      reading.logDenied(reference)
      reading.journalDenied(reference)
    }
    _ = try grant.mapError { $0.at(path) }.get()
    granted.insert(Array(reference.store.utf8))
  }

  /// Reads, has generators issue, and puts together.
  func values() async throws(RPCError) -> [String: SecretBytes] {
    var effort = Effort(steps: Self.effort)
    let wanted = try await wanted(&effort)
    let reads = PlannedReads(wanted.map(\.reference), reading)
    let share = self.room.share(of: reading.caller.identity)
    defer { share.giveBack() }
    let outcomes = await reads.outcomes(maximumBytes: Self.maximumBytes, unread: .tooLarge, share: share)
    guard !Task.isCancelled else { throw RPCError(.cancelled, "the call was given up") }
    var room = Self.maximumBytes
    var read: [Int: [(key: String, value: SecretBytes)]] = [:]
    var data: [String: SecretBytes] = [:]
    for (wanted, outcome) in zip(wanted, outcomes) {
      let value = try outcome.result.mapError { $0.at(wanted.item.path) }.get()
      if let seconds = outcome.staleSeconds { reading.freshness?.noteStale(seconds: Double(seconds)) }
      switch wanted.item {
      case .dataFrom(let index): read[index, default: []].append((wanted.reference.key, value))
      case .data(let index):
        let item = spec.data[index]
        let treated = try item.remote.treatment.applied(to: value, of: item.secretKey, path: wanted.item.path)
        try Self.take([item.secretKey: treated], from: &room)
        data[item.secretKey] = treated
      }
    }
    var items: [[String: SecretBytes]] = []
    for (index, item) in spec.dataFrom.enumerated() {
      let values = try item.values(read: read[index] ?? [], path: "dataFrom[\(index)]", &effort)
      try Self.take(values, from: &room)
      items.append(values)
    }
    // Nothing has to be read any more that could fail once a credential is issued.
    for (index, reply) in generators.sorted(by: { $0.key < $1.key }) {
      items[index] = try await generated(reply, spec.dataFrom[index], "dataFrom[\(index)]", &effort)
      try Self.take(items[index], from: &room)
    }
    for (index, wanted) in wanted.enumerated() {
      if case .read(let granted) = reads.plan(index) { reading.journalRead(wanted.reference, granted.federations) }
    }
    return items.reduce(into: [:]) { $0.merge($1) { $1 } }.merging(data) { $1 }
  }

  /// Counts values whether or not a later item replaces them, so that no call holds many answers' worth of them.
  private static func take(_ values: [String: SecretBytes], from room: inout Int) throws(RPCError) {
    for (key, value) in values { room -= key.utf8.count + value.count + 24 }
    guard room >= 0 else { throw .tooLarge }
  }

  private func generated(
    _ reply: Reply<[String: SecretBytes]>, _ item: ExternalSecretSpec.DataFromItem, _ path: String,
    _ effort: inout Effort
  ) async throws(RPCError) -> [String: SecretBytes] {
    let issued = try await reply.result().mapError { $0.at(path) }.get()
    return try item.values(issued: issued, path: path, &effort)
  }

  private enum Item {
    case data(Int)
    case dataFrom(Int)

    var path: String {
      switch self {
      case .data(let index): "data[\(index)]"
      case .dataFrom(let index): "dataFrom[\(index)]"
      }
    }
  }

  /// What has to be read, in the order of the items.
  private func wanted(_ effort: inout Effort) async throws(RPCError) -> [(item: Item, reference: SecretReference)] {
    var wanted: [(item: Item, reference: SecretReference)] = []
    for (index, item) in spec.dataFrom.enumerated() {
      switch item.source {
      case .extract(let remote):
        wanted.append((.dataFrom(index), SecretReference(remote, item.store ?? store)))
      case .find(let find):
        let found = try await self.found(find, in: item.store ?? store, "dataFrom[\(index)]", &effort)
        wanted += found.map { (.dataFrom(index), $0) }
      case .generator: break
      }
    }
    for (index, item) in spec.data.enumerated() {
      wanted.append((.data(index), SecretReference(item.remote, item.store ?? store)))
    }
    return wanted
  }

  private func found(
    _ find: ExternalSecretSpec.Find, in store: String, _ path: String, _ effort: inout Effort
  ) async throws(RPCError) -> [SecretReference] {
    let granted = try reading.grant(of: store).mapError { $0.at(path) }.get()
    var found: [SecretReference] = []
    let keys =
      find.tags.isEmpty
      ? granted.store.list(store) : granted.store.list(store, TagFilter(find.tags, prefix: find.path ?? ""))
    for reference in try await keys.result().mapError({ $0.at(path) }).get() {
      if let prefix = find.path, !reference.key.utf8.starts(with: prefix.utf8) { continue }
      if let pattern = find.pattern {
        do throws(EffortSpent) {
          guard try pattern.matches(reference.key, &effort) else { continue }
        } catch {
          throw .tooMuchEffort(path)
        }
      }
      found.append(reference)
      guard found.count <= Self.maximumFound else {
        throw RPCError(.resourceExhausted, "\(path): more than \(Self.maximumFound) keys are meant")
      }
    }
    return found
  }
}

extension SecretReference {
  fileprivate init(_ remote: ExternalSecretSpec.RemoteReference, _ store: String) {
    self.init(store: store, key: remote.key, property: remote.property, version: remote.version)
  }
}

extension RPCError {
  fileprivate static let tooLarge = RPCError(
    .resourceExhausted, "the values are larger than an answer may be; ask for fewer")

  /// The same with the item that it is about. A missing grant stays as it is: it says the same wherever it is missing.
  fileprivate func at(_ path: String) -> RPCError {
    code == .permissionDenied
      ? self : RPCError(code, "\(path): \(message)", retryAfterSeconds: retryAfterSeconds)
  }
}
