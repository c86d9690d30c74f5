import FederationAPI

extension KeySetCache {
  /// Where keys come from. The place is part of it: a federation that moved starts anew.
  ///
  /// A class that knows its hash, since every token asks for the keys of one.
  final class Source: Hashable, Sendable {
    let federation: FederationReference
    let location: KeyLocation
    /// The federation, as identities that it alone vouches for name it.
    let alone: Set<FederationReference>
    private let tableHash: Int

    init(federation: FederationReference, location: KeyLocation) {
      self.federation = federation
      self.location = location
      alone = [federation]
      var hasher = Hasher()
      hasher.combine(federation)
      hasher.combine(location)
      tableHash = hasher.finalize()
    }

    static func == (left: Source, right: Source) -> Bool {
      left === right
        || left.tableHash == right.tableHash && left.federation == right.federation && left.location == right.location
    }

    func hash(into hasher: inout Hasher) { hasher.combine(tableHash) }
  }
}
