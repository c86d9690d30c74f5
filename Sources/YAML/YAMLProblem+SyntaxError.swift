import CYAML

extension YAMLProblem {
  /// libyaml's error in words that say what to do, on the line where the fault begins.
  init(_ parser: yaml_parser_t, _ bytes: UnsafeRawBufferPointer, _ linesBefore: Int) {
    let problem = parser.problem.map { String(cString: $0) } ?? "the text is not YAML"
    let context = parser.context.map { String(cString: $0) } ?? ""
    let problemLine = linesBefore + Int(parser.problem_mark.line) + 1
    let contextLine = linesBefore + Int(parser.context_mark.line) + 1

    switch parser.error {
    case YAML_MEMORY_ERROR:
      self.init(line: linesBefore + 1, message: "memory is out")
    case YAML_READER_ERROR:
      let end = min(parser.problem_offset, bytes.count)
      let line = linesBefore + bytes[..<end].count { $0 == UInt8(ascii: "\n") } + 1
      self.init(line: line, message: Self.readerMessage(problem))
    default:
      let isUnclosed = problem.contains("unexpected end of stream") || problem.contains("unexpected document indicator")
      let beginsAbove =
        isUnclosed || problem.contains("could not find expected ':'")
        || problem.contains("did not find expected ',' or")
      self.init(
        line: beginsAbove && parser.context != nil ? contextLine : problemLine,
        message: Self.syntaxMessage(problem, context, byte: Self.byte(at: parser.problem_mark, bytes)))
    }
  }

  private static func readerMessage(_ problem: String) -> String {
    problem.contains("control characters")
      ? "control characters are not allowed; remove them, or write them as escapes in double quotes"
      : "the text is not UTF-8; save the file as UTF-8"
  }

  private static func syntaxMessage(_ problem: String, _ context: String, byte: UInt8?) -> String {
    switch problem {
    case "found character that cannot start any token":
      guard let byte, byte != UInt8(ascii: "\t") else { return "a tab cannot indent; use spaces" }
      return "\(quoted(String(UnicodeScalar(byte)))) cannot begin a value; put the value in quotes"
    case "could not find expected ':'":
      return "this is no `key: value`; add the `:` and a space, or correct the indentation"
    case "mapping values are not allowed in this context":
      return "a `:` is not allowed here; put the value in quotes, or correct the indentation"
    case "block sequence entries are not allowed in this context":
      return "a `-` item is not allowed here; put it on a line of its own, below its key"
    case "did not find expected key":
      return "a key was expected here; correct the indentation, or the quotes of the value above"
    case "did not find expected node content":
      return "a value was expected here; put it in quotes, or close the `[` or `{` that stands above"
    case "did not find expected '-' indicator":
      return "a `-` item was expected here; correct the indentation"
    case "did not find expected ',' or ']'":
      return "the list opened with `[` is not closed; add the missing `,` or `]`"
    case "did not find expected ',' or '}'":
      return "the mapping opened with `{` is not closed; add the missing `,` or `}`"
    case "did not find expected <document start>":
      return "only one value is allowed in a document; correct the indentation, or begin a document with `---`"
    case "found unexpected end of stream", "found unexpected document indicator":
      return "the quoted value that begins here is not closed; add the missing quote"
    case "found invalid Unicode character escape code":
      return "the escape names no character; write the character itself in place of a `\\u` pair"
    case _ where problem.contains("escape"):
      return "the escape is not one of YAML's; use single quotes for text with backslashes"
    case _ where problem.contains("cannot start a token") || problem.contains("tab character"):
      return "a tab cannot indent; use spaces"
    default:
      return context.isEmpty ? "\(problem); correct the YAML" : "\(problem) \(context); correct the YAML"
    }
  }

  /// The byte that `mark` points at; libyaml counts characters, so it is looked for by line and column.
  private static func byte(at mark: yaml_mark_t, _ bytes: UnsafeRawBufferPointer) -> UInt8? {
    var line = 0
    for (offset, byte) in bytes.enumerated() {
      if line == Int(mark.line) {
        let text = String(decoding: bytes[offset...].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        return text.unicodeScalars.dropFirst(Int(mark.column)).first.flatMap { UInt8(exactly: $0.value) }
      }
      if byte == UInt8(ascii: "\n") { line += 1 }
    }
    return nil
  }
}
