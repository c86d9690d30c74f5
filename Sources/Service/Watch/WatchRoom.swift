/// How much all watches take together, and each identity's.
///
/// The first half is whoever's comes first, so that one identity with many watches, a whole cluster's, is served as long as
/// nobody else needs the room. The second half is for identities with less than an eighth of all: no single one can keep
/// the others from watching.
struct WatchRoom {
  /// What watches take.
  struct Usage: Equatable {
    var watches = 0
    var references = 0
    /// Of the references' texts: a thousand of them may be two megabytes.
    var bytes = 0

    static func + (left: Usage, right: Usage) -> Usage {
      Usage(
        watches: left.watches + right.watches, references: left.references + right.references,
        bytes: left.bytes + right.bytes)
    }

    static func - (left: Usage, right: Usage) -> Usage {
      left + Usage(watches: -right.watches, references: -right.references, bytes: -right.bytes)
    }

    /// Whether nothing is more than a `part`th of `other`, rounded up.
    fileprivate func fits(in other: Usage, dividedBy part: Int) -> Bool {
      [(watches, other.watches), (references, other.references), (bytes, other.bytes)].allSatisfy { used, all in
        used <= (all + part - 1) / part
      }
    }
  }

  private static let heavyPart = 8

  private let maximum: Usage
  private var total = Usage()
  /// By the identity's name, a hash that nobody can foretell; those without a watch are not there.
  private var owners: [Int: Usage] = [:]

  init(_ settings: WatchSettings) {
    maximum = Usage(
      watches: settings.maximumWatches, references: settings.maximumReferences, bytes: settings.maximumReferenceBytes)
  }

  /// Takes `usage` for the identity named `owner`. False when there is not so much room for it.
  mutating func take(_ usage: Usage, by owner: Int) -> Bool {
    let (all, own) = (total + usage, (owners[owner] ?? Usage()) + usage)
    guard all.fits(in: maximum, dividedBy: 1),
      all.fits(in: maximum, dividedBy: 2) || own.fits(in: maximum, dividedBy: Self.heavyPart)
    else { return false }
    total = all
    owners[owner] = own
    return true
  }

  /// Gives back what was taken.
  mutating func giveBack(_ usage: Usage, by owner: Int) {
    guard let own = owners[owner] else { return }
    total = total - usage
    owners[owner] = own == usage ? nil : own - usage
  }
}
