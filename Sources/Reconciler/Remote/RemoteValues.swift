import ExternalSecrets
import FederationAPI
import FederationClient
import JSON
import RegularExpressions
import Resources

/// What an ExternalSecret asks for, fetched: with ESO's order, later items of `dataFrom` over earlier ones and `data`
/// over all.
///
/// The server resolves what it can in one call. Items with a generator of kind `Federation` are the agent's own; they
/// part `dataFrom` into runs. Generators are asked last, so that nothing is issued for an ExternalSecret that fails.
struct RemoteValues {
  /// What all regular expressions of the rewrites may cost.
  static let effort = 20_000_000

  /// Whether what the store does not have is left out, in place of being an error: ESO's `deletionPolicy` other than
  /// `Retain`.
  let skipsMissing: Bool
  /// The ClusterSecretStore on the server.
  let store: String
  let client: any FederationCalling
  /// Told how many seconds past its time the oldest value of an answer is.
  let noteStale: @Sendable (UInt32) -> Void
  /// Has a `Federation` generator of that name issue a credential.
  let generate: (String) async throws(RPCError) -> [String: SecretBytes]

  /// Fetches. `data` and `dataFrom` are JSON arrays, or empty.
  func values(data: [UInt8], dataFrom: [UInt8]) async throws(RPCError) -> [String: SecretBytes] {
    let items = try Self.items(dataFrom, "dataFrom")
    let spec = try ExternalSecretSpec(data: Self.value(data), dataFrom: .array(items))
    let runs = Self.runs(items)
    var results: [[String: SecretBytes]] = Array(repeating: [:], count: runs.count)
    var fromData: [String: SecretBytes] = [:]
    let hasData = !spec.data.isEmpty
    var dataIsFetched = false
    for (index, run) in runs.enumerated() {
      guard case .server(let range) = run else { continue }
      // One call for all where there is one run and nothing after it that `data` would have to win over.
      let takesData = hasData && index == runs.count - 1
      results[index] = try await fetch(
        data: takesData ? data : [], dataFrom: items, range, spec: spec)
      dataIsFetched = dataIsFetched || takesData
    }
    if hasData, !dataIsFetched { fromData = try await fetch(data: data, dataFrom: items, 0..<0, spec: spec) }
    var effort = Effort(steps: Self.effort)
    for (index, run) in runs.enumerated() {
      guard case .generator(let item, let name) = run else { continue }
      let path = "dataFrom[\(item)]"
      let issued: [String: SecretBytes]
      do throws(RPCError) {
        issued = try await generate(name)
      } catch {
        throw RPCError(error.code, "\(path): \(error.message)")
      }
      results[index] = try spec.dataFrom[item].values(issued: issued, path: path, &effort)
    }
    return (results + [fromData]).reduce(into: [:]) { $0.merge($1) { $1 } }
  }

  /// The `Federation` generators that `dataFrom` names.
  static func generators(in dataFrom: [UInt8]) throws(RPCError) -> [String] {
    try runs(items(dataFrom, "dataFrom")).compactMap { run in
      if case .generator(_, let name) = run { name } else { nil }
    }
  }

  private enum Run {
    /// Items that the server resolves.
    case server(Range<Int>)
    /// An item, and the generator that it names.
    case generator(Int, String)
  }

  private static func runs(_ items: [JSONValue]) -> [Run] {
    var runs: [Run] = []
    for (index, item) in items.enumerated() {
      if let reference = item["sourceRef"]?["generatorRef"], reference["kind"]?.string == "Federation",
        let name = reference["name"]?.string
      {
        runs.append(.generator(index, name))
      } else if case .server(let range)? = runs.last {
        runs[runs.count - 1] = .server(range.lowerBound..<index + 1)
      } else {
        runs.append(.server(index..<index + 1))
      }
    }
    return runs
  }

  private static func value(_ json: [UInt8]) throws(RPCError) -> JSONValue {
    if json.isEmpty { return .null }
    do throws(JSONError) {
      return try JSONValue.parse(json, maximumByteCount: ExternalSecretSpec.maximumBytes)
    } catch {
      throw RPCError(.invalidArgument, "spec is not valid: \(error)")
    }
  }

  private static func items(_ json: [UInt8], _ name: String) throws(RPCError) -> [JSONValue] {
    let value = try value(json)
    if value == .null { return [] }
    guard let items = value.array else { throw RPCError(.invalidArgument, "\(name): must be an array") }
    return items
  }

  private func fetch(
    data: [UInt8], dataFrom: [JSONValue], _ range: Range<Int>, spec: ExternalSecretSpec
  ) async throws(RPCError) -> [String: SecretBytes] {
    do throws(RPCError) {
      return try await client.resolve(
        store: store, data: data, dataFrom: Self.json(dataFrom[range]), noteStale: noteStale)
    } catch {
      switch error.code {
      case .unimplemented:
        var asked = spec
        if data.isEmpty { asked.data = [] }
        return try await legacy(asked, range)
      case .notFound where skipsMissing:
        return try await itemByItem(data: data, dataFrom: dataFrom, range)
      default: throw Self.counted(error, from: range.lowerBound)
      }
    }
  }

  /// Asks for each item by itself, to leave out what is not there.
  private func itemByItem(
    data: [UInt8], dataFrom: [JSONValue], _ range: Range<Int>
  ) async throws(RPCError) -> [String: SecretBytes] {
    var values: [String: SecretBytes] = [:]
    for index in range {
      let found = try await single(data: [], dataFrom: Self.json(dataFrom[index...index]), index)
      values.merge(found) { $1 }
    }
    for item in try Self.items(data, "data") {
      values.merge(try await single(data: Self.json([item][...]), dataFrom: [], 0)) { $1 }
    }
    return values
  }

  private func single(
    data: [UInt8], dataFrom: [UInt8], _ index: Int
  ) async throws(RPCError) -> [String: SecretBytes] {
    do throws(RPCError) {
      return try await client.resolve(store: store, data: data, dataFrom: dataFrom, noteStale: noteStale)
    } catch {
      guard error.code == .notFound else { throw Self.counted(error, from: index) }
      return [:]
    }
  }

  private func legacy(
    _ spec: ExternalSecretSpec, _ range: Range<Int>
  ) async throws(RPCError) -> [String: SecretBytes] {
    let values = LegacyValues(skipsMissing: skipsMissing, store: store, client: client, noteStale: noteStale)
    return try await values.values(spec, range)
  }

  private static func json(_ items: ArraySlice<JSONValue>) -> [UInt8] {
    items.isEmpty ? [] : JSONValue.array(Array(items)).encoded()
  }

  /// The server counts the items that it was sent; a person counts those of the ExternalSecret.
  private static func counted(_ error: RPCError, from first: Int) -> RPCError {
    let prefix = "dataFrom["
    guard first > 0, error.message.hasPrefix(prefix) else { return error }
    let rest = error.message.dropFirst(prefix.count)
    guard let end = rest.firstIndex(of: "]"), let index = Int(rest[..<end]) else { return error }
    return RPCError(error.code, "\(prefix)\(index + first)\(rest[end...])")
  }
}
