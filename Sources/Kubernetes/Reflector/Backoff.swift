/// How long to wait before the next try: twice as long each time up to a limit, each time a little off, so that
/// clients which lost the same server do not come back together.
public struct Backoff: Sendable {
  private let first: Double
  private let longest: Double
  private var pause: Double

  /// Between `first` and `longest` seconds.
  public init(first: Double = 0.2, longest: Double = 10) {
    self.first = first
    self.longest = longest
    pause = first
  }

  /// The next pause in seconds.
  public mutating func next() -> Double {
    defer { pause = min(pause * 2, longest) }
    return pause * Double.random(in: 0.5...1)
  }

  /// Something went well: the next pause is the shortest again.
  public mutating func reset() { pause = first }
}
