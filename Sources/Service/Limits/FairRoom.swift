/// A bound on what all identities take together, of which none can keep the others out.
///
/// The first half is whoever's comes first, so that one identity that asks for much, a whole cluster's, is served as long as
/// nobody else needs the room. The second half is for identities with less than an eighth of all.
struct FairRoom {
  private static let heavyPart = 8

  private let maximum: Int
  private var total = 0
  /// By the identity's name, a hash that nobody can foretell; those that have nothing are not there.
  private var owners: [Int: Int] = [:]

  init(_ maximum: Int) { self.maximum = maximum }

  /// Whether there is room for `amount` more of the identity named `owner`.
  func has(_ amount: Int, for owner: Int) -> Bool {
    guard amount <= maximum - total else { return false }
    return total + amount <= part(2) || (owners[owner] ?? 0) + amount <= part(Self.heavyPart)
  }

  /// Takes what there is room for.
  mutating func take(_ amount: Int, by owner: Int) {
    total += amount
    owners[owner, default: 0] += amount
  }

  /// Gives back what was taken.
  mutating func giveBack(_ amount: Int, by owner: Int) {
    guard let own = owners[owner] else { return }
    total -= amount
    owners[owner] = own == amount ? nil : own - amount
  }

  private func part(_ count: Int) -> Int { maximum / count + (maximum % count == 0 ? 0 : 1) }
}
