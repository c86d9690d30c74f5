import CYAML

/// Owns one libyaml parser over bytes that outlive it, and the event that it read last.
struct EventParser: ~Copyable {
  // libyaml keeps a pointer to the parser inside the parser, so it must not move.
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let current: UnsafeMutablePointer<yaml_event_t>
  private let bytes: UnsafeRawBufferPointer
  /// The lines that stand before `bytes` in the file.
  private let linesBefore: Int

  /// Nil when memory is out.
  init?(_ bytes: UnsafeRawBufferPointer, linesBefore: Int) {
    parser = .allocate(capacity: 1)
    current = .allocate(capacity: 1)
    current.initialize(to: yaml_event_t())
    self.bytes = bytes
    self.linesBefore = linesBefore
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      current.deallocate()
      return nil
    }
    yaml_parser_set_input_string(parser, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
  }

  deinit {
    yaml_event_delete(current)
    current.deallocate()
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// Reads the next event; the one before is freed, so that nesting costs no C memory.
  func advance() throws(YAMLProblem) {
    yaml_event_delete(current)
    guard yaml_parser_parse(parser, current) == 1 else { throw YAMLProblem(parser.pointee, bytes, linesBefore) }
  }

  /// The event read last; its texts last until the next ``advance()``.
  var event: UnsafePointer<yaml_event_t> { UnsafePointer(current) }

  /// The line in the file that the event read last begins on, counted from 1.
  var line: Int { line(current.pointee.start_mark) }

  /// Reads up to the start of the next document and gives its line; nil at the end of the stream.
  func nextDocument() throws(YAMLProblem) -> Int? {
    while true {
      try advance()
      let type = current.pointee.type
      if type == YAML_DOCUMENT_START_EVENT { return line }
      if type == YAML_STREAM_END_EVENT || type == YAML_NO_EVENT { return nil }
    }
  }

  /// The last line that an error speaks of.
  var lastLine: Int { line(parser.pointee.problem_mark) }

  private func line(_ mark: yaml_mark_t) -> Int { linesBefore + Int(mark.line) + 1 }
}
