/// Work on texts as bytes, each in time that grows with the text's length.
enum ByteText {
  /// `text` without those of `bytes` at its ends.
  static func trimmed(_ text: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
    var rest = text[...]
    while let first = rest.first, bytes.contains(first) { rest.removeFirst() }
    while let last = rest.last, bytes.contains(last) { rest.removeLast() }
    return Array(rest)
  }

  /// Each word with a capital.
  static func titled(_ text: String) -> String {
    var result = ""
    var isStart = true
    for character in text {
      result += isStart ? String(character).uppercased() : String(character)
      isStart = character.isWhitespace
    }
    return result
  }

  /// Where `part` is first at or after `start`; Knuth, Morris and Pratt's way, as templates come from anybody.
  static func find(_ part: [UInt8], in text: [UInt8], from start: Int) -> Int? {
    part.isEmpty ? start : find(part, table(of: part), in: text, from: start)
  }

  /// For each place in `part`, how long the part's own beginning is that ends there.
  private static func table(of part: [UInt8]) -> [Int] {
    var table = [0]
    for index in part.indices.dropFirst() {
      var length = table[index - 1]
      while length > 0, part[length] != part[index] { length = table[length - 1] }
      table.append(part[length] == part[index] ? length + 1 : 0)
    }
    return table
  }

  private static func find(_ part: [UInt8], _ table: [Int], in text: [UInt8], from start: Int) -> Int? {
    var matched = 0
    for index in text.indices[start...] {
      while matched > 0, part[matched] != text[index] { matched = table[matched - 1] }
      if part[matched] == text[index] { matched += 1 }
      if matched == part.count { return index - matched + 1 }
    }
    return nil
  }

  /// Every occurrence replaced, from the left. An empty `old` is refused: Go would put `new` between all characters.
  static func replacing(
    _ old: [UInt8], by new: [UInt8], in text: [UInt8], _ budget: inout TemplateBudget
  ) throws(TemplateFault) -> [UInt8] {
    guard !old.isEmpty else { throw TemplateFault("the text to replace is empty") }
    var result: [UInt8] = []
    for (index, part) in try split(text, by: old, &budget).enumerated() {
      if index > 0 { result += new }
      result += part
      guard result.count <= budget.valueBytes else {
        throw TemplateFault("a value would be longer than \(budget.valueBytes) bytes")
      }
    }
    return result
  }

  /// What stands between `separator`s.
  static func split(
    _ text: [UInt8], by separator: [UInt8], _ budget: inout TemplateBudget
  ) throws(TemplateFault) -> [[UInt8]] {
    guard !separator.isEmpty else { throw TemplateFault("the separator is empty") }
    var parts: [[UInt8]] = []
    var start = 0
    let table = table(of: separator)
    while let found = find(separator, table, in: text, from: start) {
      try budget.step()
      parts.append(Array(text[start..<found]))
      start = found + separator.count
    }
    parts.append(Array(text[start...]))
    return parts
  }

  /// Each line of the second argument behind as many spaces as the first says.
  static func indented(_ arguments: [TemplateValue], _ budget: inout TemplateBudget) throws(TemplateFault) -> [UInt8] {
    let (count, text) = (try arguments[0].count(in: 0...1_000), try arguments[1].bytes())
    let padding = [UInt8](repeating: 0x20, count: count)
    let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    try budget.handle(text.count + lines.count * count)
    return Array(lines.map { padding + $0 }.joined(separator: [0x0A]))
  }
}
