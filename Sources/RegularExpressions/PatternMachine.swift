/// Runs a program over a text.
struct PatternMachine {
  private struct Thread {
    var place: Int
    /// Two places in the text for each group, -1 where there is none.
    var saved: [Int]
  }

  let program: PatternProgram
  let text: [Unicode.Scalar]
  /// How many places are noted.
  let savedCount: Int
  /// For each instruction the step in which it was last reached, so that none is followed twice at one place.
  private var reached: [Int]
  private var step = 0

  init(_ program: PatternProgram, _ text: [Unicode.Scalar], savedCount: Int) {
    self.program = program
    self.text = text
    self.savedCount = savedCount
    reached = [Int](repeating: -1, count: program.instructions.count)
  }

  /// The places that the first match from `start` on noted, nil when there is none.
  mutating func match(from start: Int, _ effort: inout Effort) throws(EffortSpent) -> [Int]? {
    var threads: [Thread] = []
    var matched: [Int]?
    var position = start
    while true {
      step += 1
      try effort.spend(threads.count + 1)
      var current: [Thread] = []
      // Threads that go on come first: they began further left, or are preferred.
      for thread in threads { try follow(thread, at: position, into: &current, &effort) }
      if matched == nil {
        let fresh = Thread(place: 0, saved: [Int](repeating: -1, count: savedCount))
        try follow(fresh, at: position, into: &current, &effort)
      }
      threads = []
      for thread in current {
        switch program.instructions[thread.place] {
        case .set(let set):
          try effort.spend(1 + set.items.count)
          guard position < text.count, set.contains(text[position]) else { continue }
          threads.append(Thread(place: thread.place + 1, saved: thread.saved))
        case .match:
          matched = thread.saved
        default: break
        }
        // What stands behind a match is less preferred.
        if case .match = program.instructions[thread.place] { break }
      }
      if position >= text.count || (threads.isEmpty && matched != nil) { return matched }
      position += 1
    }
  }

  /// Adds to `threads` where `thread` comes to without taking anything.
  private mutating func follow(
    _ thread: Thread, at position: Int, into threads: inout [Thread], _ effort: inout Effort
  ) throws(EffortSpent) {
    var waiting = [thread]
    while var thread = waiting.popLast() {
      guard reached[thread.place] != step else { continue }
      reached[thread.place] = step
      try effort.spend(1)
      switch program.instructions[thread.place] {
      case .set, .match: threads.append(thread)
      case .jump(let place):
        thread.place = place
        waiting.append(thread)
      case .split(let first, let second):
        waiting.append(Thread(place: second, saved: thread.saved))
        thread.place = first
        waiting.append(thread)
      case .save(let index):
        if index < thread.saved.count { thread.saved[index] = position }
        thread.place += 1
        waiting.append(thread)
      case .assertion(let assertion):
        guard holds(assertion, at: position) else { continue }
        thread.place += 1
        waiting.append(thread)
      }
    }
  }

  private func holds(_ assertion: PatternNode.Assertion, at position: Int) -> Bool {
    switch assertion {
    case .textStart: position == 0
    case .textEnd: position == text.count
    case .lineStart: position == 0 || text[position - 1] == "\n"
    case .lineEnd: position == text.count || text[position] == "\n"
    case .wordBoundary: isWord(position - 1) != isWord(position)
    case .noWordBoundary: isWord(position - 1) == isWord(position)
    }
  }

  private func isWord(_ position: Int) -> Bool {
    text.indices.contains(position) && ScalarSet.words.contains(text[position])
  }
}
