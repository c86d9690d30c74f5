/// First come, first served.
struct WaitingLine<Element> {
  private var waiting: [Element] = []
  private var next = 0

  /// Whether nobody waits.
  var isEmpty: Bool { next == waiting.count }

  /// Puts `element` at the end.
  mutating func append(_ element: Element) { waiting.append(element) }

  /// Takes the one that has waited for the longest.
  mutating func popFirst() -> Element? {
    guard next < waiting.count else { return nil }
    let first = waiting[next]
    next += 1
    // Who was taken is let go of before they outnumber those who wait.
    if next == waiting.count || next > 32 && next * 2 > waiting.count {
      waiting.removeFirst(next)
      next = 0
    }
    return first
  }
}
