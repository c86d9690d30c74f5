import CYAML

/// Owns one libyaml parser over bytes that outlive it.
struct EventParser: ~Copyable {
  // libyaml keeps a pointer to the parser inside the parser, so it must not move.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeRawBufferPointer
  /// The lines that stand before `bytes` in the file.
  private let linesBefore: Int

  /// Nil when memory is out.
  init?(_ bytes: UnsafeRawBufferPointer, linesBefore: Int) {
    parser = .allocate(capacity: 1)
    self.bytes = bytes
    self.linesBefore = linesBefore
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      return nil
    }
    yaml_parser_set_input_string(parser, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// Lends the next event to `body` and frees it afterwards.
  func next<Result>(_ body: (borrowing yaml_event_t) throws(YAMLProblem) -> Result) throws(YAMLProblem) -> Result {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw YAMLProblem(parser.pointee, bytes, linesBefore) }
    defer { yaml_event_delete(&event) }
    return try body(event)
  }

  /// Reads up to the start of the next document and gives its line; nil at the end of the stream.
  func nextDocument() throws(YAMLProblem) -> Int? {
    while true {
      let (type, mark) = try next { (event: borrowing yaml_event_t) throws(YAMLProblem) in
        (event.type, event.start_mark)
      }
      if type == YAML_DOCUMENT_START_EVENT { return line(mark) }
      if type == YAML_STREAM_END_EVENT || type == YAML_NO_EVENT { return nil }
    }
  }

  /// The last line that an error speaks of.
  var lastLine: Int { line(parser.pointee.problem_mark) }

  /// The line of `mark` in the file, counted from 1.
  func line(_ mark: yaml_mark_t) -> Int { linesBefore + Int(mark.line) + 1 }
}
