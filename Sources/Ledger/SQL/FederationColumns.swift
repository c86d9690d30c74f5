import FederationAPI
import JSON

/// A set of federations in columns: the first by name in two of its own, where programs of format 1 look for the only one,
/// and the others together in a third, which is NULL where there are none.
enum FederationColumns {
  static let names = "federation_kind federation_name further_federations"

  static func values(_ federations: Set<FederationReference>) -> [LedgerValue] {
    let ordered = federations.byName
    return [.text(ordered.first?.kind), .text(ordered.first?.name), .text(encoded(ordered.dropFirst()))]
  }

  /// None where the columns are NULL.
  static func read(_ row: inout LedgerRow) throws(LedgerError) -> Set<FederationReference> {
    let (kind, name) = (try row.optionalText(), try row.optionalText())
    let further = try row.optionalText()
    guard let kind, let name else { return [] }
    var federations: Set = [FederationReference(kind: kind, name: name)]
    if let further { federations.formUnion(try decoded(further)) }
    return federations
  }

  private static func encoded(_ federations: ArraySlice<FederationReference>) -> String? {
    guard !federations.isEmpty else { return nil }
    let pairs = federations.map { JSONValue.array([.string($0.kind), .string($0.name)]) }
    return String(decoding: JSONValue.array(pairs).encoded(), as: UTF8.self)
  }

  private static func decoded(_ text: String) throws(LedgerError) -> [FederationReference] {
    let value = try? JSONValue.parse(Array(text.utf8), maximumByteCount: max(1, text.utf8.count))
    let pairs = (value?.array ?? []).compactMap { pair -> FederationReference? in
      guard let pair = pair.array, pair.count == 2, let kind = pair[0].string, let name = pair[1].string else {
        return nil
      }
      return FederationReference(kind: kind, name: name)
    }
    guard !pairs.isEmpty, pairs.count == value?.array?.count else {
      throw LedgerError(.unusable, "the federations of a row of the ledger are no list of pairs: restore a backup")
    }
    return pairs
  }
}

extension Set<FederationReference> {
  /// In one order, whatever the set's is.
  public var byName: [FederationReference] {
    count > 1 ? sorted { ($0.kind, $0.name) < ($1.kind, $1.name) } : Array(self)
  }
}
