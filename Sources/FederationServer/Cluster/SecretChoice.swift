import Resources

/// Which Secrets are followed, of those that are needed.
struct SecretChoice {
  /// How many are followed at once: each takes a connection.
  static let maximum = 200

  /// Who needs a Secret; the least of several counts.
  struct Claim: Comparable {
    /// A credential that was issued can only be taken back with it.
    static let issued = Claim(rank: 0, created: "", title: "")

    private let rank: Int
    private let created: String
    private let title: String

    /// The claim of an object. Those of the whole cluster come first, which its administrators made, and then whoever was
    /// there before: nobody can take a place from them by the name of an object.
    init(title: String, created: String, isNamespaced: Bool) {
      self.init(rank: isNamespaced ? 2 : 1, created: created, title: title)
    }

    private init(rank: Int, created: String, title: String) {
      self.rank = rank
      self.created = created
      self.title = title
    }

    static func < (left: Claim, right: Claim) -> Bool {
      (left.rank, left.created, left.title) < (right.rank, right.created, right.title)
    }
  }

  /// Those to be followed.
  private(set) var followed: Set<ResourceName>
  /// Those that are too many.
  private(set) var excess: Set<ResourceName>

  /// Chooses `maximum` of `claims`. What is followed already stays; the others come in the order of their claims, which is
  /// the same for every server of a cluster.
  init(_ claims: [ResourceName: Claim], followed: Set<ResourceName>, maximum: Int = Self.maximum) {
    let staying = followed.filter { claims[$0] != nil }
    let others = claims.filter { !staying.contains($0.key) }
      .sorted { ($0.value, $0.key) < ($1.value, $1.key) }
      .map(\.key)
    let places = max(0, maximum - staying.count)
    self.followed = staying.union(others.prefix(places))
    excess = Set(others.dropFirst(places))
  }
}
