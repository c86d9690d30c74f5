import Resources

/// The Secrets that the cleanup of issued credentials needs, as far as is known, and those of which it is not known yet that
/// it does not: an object that is deleted may have issued a moment before.
struct IssuedSecrets {
  /// The question, of those that were asked afterwards, whose answer lets go of a Secret: a call that began under the deleted
  /// object may announce its credential while the first is on its way.
  private static let leavingQuestion = 2

  private let isAsked: Bool
  private var named: Set<ResourceName> = []
  private var neededByObjects: Set<ResourceName> = []
  /// Those that no object needs any more, with how often was asked until then.
  private var leaving: [ResourceName: Int] = [:]
  private var asked = 0
  /// Whether there is nothing to wait for: the first question is over, or there never is one.
  private(set) var isTold: Bool

  /// Knows of none; `isAsked` tells whether anybody will be.
  init(isAsked: Bool) {
    self.isAsked = isAsked
    isTold = !isAsked
  }

  /// Begins a question.
  mutating func begin() { asked += 1 }

  /// Ends it; nil for one without an answer, which changes nothing. Gives whether anything is new.
  mutating func end(_ answer: Set<ResourceName>?) -> Bool {
    let isFirst = !isTold
    isTold = true
    guard let answer else { return isFirst }
    let before = needed
    named = answer
    leaving = leaving.filter { asked - $0.value < Self.leavingQuestion }
    return isFirst || needed != before
  }

  /// Those to be followed whatever else needs them.
  var needed: Set<ResourceName> { named.union(leaving.keys) }

  /// Notes what objects need now, and what is followed.
  mutating func note(objectsNeed names: Set<ResourceName>, followed: Set<ResourceName>) {
    guard isAsked else { return }
    leaving = leaving.filter { !names.contains($0.key) }
    for name in neededByObjects.subtracting(names).intersection(followed) { leaving[name] = asked }
    neededByObjects = names
  }
}
