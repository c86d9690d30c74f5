import RegularExpressions

extension FuzzTarget {
  /// A pattern, a replacement and a text, a line each: what matches nothing changes nothing, and `${0}` never does.
  static let regularExpression = FuzzTarget(text: "regular-expression") { input in
    let lines = input.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard lines.count == 3, let pattern = try? RegularExpression(lines[0]) else { return }
    let text = lines[2]
    // A pattern that takes more steps than this is given up, and nothing is known of it.
    var effort = Effort(steps: 200_000)
    if let same = try? pattern.replacing(in: text, with: "${0}", &effort) {
      try hold(same.utf8.elementsEqual(text.utf8), "a match put in its own place changes nothing")
    }
    guard let matches = try? pattern.matches(text, &effort), !matches,
      let replaced = try? pattern.replacing(in: text, with: lines[1], &effort)
    else { return }
    try hold(replaced.utf8.elementsEqual(text.utf8), "what matches nothing changes nothing")
  }
}
