/// How much a stream may hold, so that no text takes memory out of all proportion to what it says.
public struct YAMLLimits: Sendable {
  /// The largest stream that is read, in bytes: a document with a million short secrets.
  public var bytes = 128 << 20
  /// How many values a document may hold, keys and collections among them: a million secrets have five each, and two
  /// more when they have a version.
  public var values = 10_000_000
  /// How many faults are noted; what is beyond them is said in one more.
  public var problems = 100_000

  /// How many collections may stand inside each other.
  public static let depth = 64

  /// The limits that a server needs.
  public init() {}
}
