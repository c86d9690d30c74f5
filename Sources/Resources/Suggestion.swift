import YAML

/// Finds what a misspelt word was meant to be.
enum Suggestion {
  /// The candidate nearest to `word`, when it is near enough to be meant; the first of equals.
  static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let word = Array(word.lowercased().utf8)
    // Words longer than any field are not misspelt, and the distance takes quadratic time.
    guard word.count <= 64 else { return nil }
    var best: (distance: Int, candidate: String)?
    for candidate in candidates {
      let distance = distance(word, Array(candidate.lowercased().utf8))
      let allowed = max(1, max(word.count, candidate.utf8.count) / 3)
      if distance <= allowed && distance < (best?.distance ?? .max) { best = (distance, candidate) }
    }
    return best?.candidate
  }

  /// `; did you mean ...?` when there is something near, else `fallback`.
  static func advice(for word: String, among candidates: some Sequence<String>, otherwise fallback: String) -> String {
    nearest(to: word, among: candidates).map { "; did you mean \(quoted($0))?" } ?? fallback
  }

  /// `a`, `b` and `c`, each in backticks.
  static func list(_ names: [String]) -> String {
    let shown = names.map(quoted)
    guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " and " + last
  }

  /// Optimal string alignment: inserted, removed, changed and swapped neighbouring bytes count one each.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, byte) in left.enumerated() {
      var current = [row + 1]
      for (column, other) in right.enumerated() {
        var cost = min(last[column] + (byte == other ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      (beforeLast, last) = (last, current)
    }
    return last[right.count]
  }
}
