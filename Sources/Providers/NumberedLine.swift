/// A line that is left from its front, or from anywhere by the number that was drawn at its end.
struct NumberedLine<Element> {
  private var places: [UInt64: Element] = [:]
  private var first: UInt64 = 0
  private var next: UInt64 = 0

  var count: Int { places.count }
  var isEmpty: Bool { places.isEmpty }

  /// The number by which ``remove(_:)`` finds `element`.
  mutating func add(_ element: Element) -> UInt64 {
    defer { next += 1 }
    places[next] = element
    return next
  }

  mutating func remove(_ number: UInt64) { places[number] = nil }

  /// Who is first, nil when nobody is.
  mutating func removeFirst() -> Element? {
    while first < next {
      defer { first += 1 }
      if let element = places.removeValue(forKey: first) { return element }
    }
    return nil
  }
}
