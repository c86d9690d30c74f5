/// How much all watches take together, and each identity's.
struct WatchRoom {
  /// What a watch takes beside its place.
  struct Usage {
    var references: Int
    /// Of the references' texts: a thousand of them may be two megabytes.
    var bytes: Int
  }

  private var watches: FairRoom
  private var references: FairRoom
  private var bytes: FairRoom

  init(_ settings: WatchSettings) {
    watches = FairRoom(settings.maximumWatches)
    references = FairRoom(settings.maximumReferences)
    bytes = FairRoom(settings.maximumReferenceBytes)
  }

  /// Takes a watch's `usage` for the identity named `owner`. False when there is not so much room for it.
  mutating func take(_ usage: Usage, by owner: Int) -> Bool {
    guard watches.has(1, for: owner), references.has(usage.references, for: owner), bytes.has(usage.bytes, for: owner)
    else { return false }
    watches.take(1, by: owner)
    references.take(usage.references, by: owner)
    bytes.take(usage.bytes, by: owner)
    return true
  }

  /// Gives back what was taken.
  mutating func giveBack(_ usage: Usage, by owner: Int) {
    watches.giveBack(1, by: owner)
    references.giveBack(usage.references, by: owner)
    bytes.giveBack(usage.bytes, by: owner)
  }
}
