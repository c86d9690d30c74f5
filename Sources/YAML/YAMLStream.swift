import CYAML

/// Reads YAML 1.1 streams through libyaml; JSON is read as the YAML that it is.
public enum YAMLStream {
  /// Gives each document of `bytes` to `body`, in order, one at a time.
  ///
  /// A document with a syntax error comes without its root, and reading goes on at the next `---` line. Text that
  /// `texts` knows is not stored again, so streams that resemble each other are best read with the same one.
  public static func read(
    _ bytes: RawSpan, limits: YAMLLimits = YAMLLimits(), reusing texts: inout RepeatedText,
    _ body: (YAMLDocument) -> Void
  ) {
    guard bytes.byteCount <= limits.bytes else {
      let message = "the file is larger than \(limits.bytes >> 20) MiB; split it"
      return body(YAMLDocument(root: nil, problems: [YAMLProblem(line: 1, message: message)], line: 1))
    }
    guard !bytes.isEmpty else { return }
    bytes.withUnsafeBytes { buffer in
      var start = Position(offset: 0, lines: 0)
      var lastProblem: YAMLProblem?
      // libyaml decodes ahead: a byte that is no text fails each document that stands shortly before it.
      let once = { (document: YAMLDocument) in
        if let problem = document.problems.last, document.problems.count == 1, problem == lastProblem { return }
        lastProblem = document.problems.last
        body(document)
      }
      while let nextLine = readDocuments(buffer, from: start, limits, &texts, once) {
        guard let next = start.nextMarker(in: buffer, fromLine: nextLine) else { return }
        start = next
      }
    }
  }

  /// The documents of `text`.
  public static func documents(_ text: String) -> [YAMLDocument] {
    var documents: [YAMLDocument] = []
    var texts = RepeatedText()
    read(text.utf8.span.bytes, reusing: &texts) { documents.append($0) }
    return documents
  }

  /// Reads to the end, or to the first syntax error; then the first line that the next document may begin on is
  /// returned.
  private static func readDocuments(
    _ buffer: UnsafeRawBufferPointer, from start: Position, _ limits: YAMLLimits, _ texts: inout RepeatedText,
    _ body: (YAMLDocument) -> Void
  ) -> Int? {
    let rest = UnsafeRawBufferPointer(rebasing: buffer[start.offset...])
    guard let parser = EventParser(rest, linesBefore: start.lines) else {
      body(YAMLDocument(root: nil, problems: [YAMLProblem(line: 1, message: "memory is out")], line: 1))
      return nil
    }
    var line = start.lines + 1
    var builder = TreeBuilder(limits)
    // Held back by one: a fault right after a bare scalar (`key` above `a: b`) is a fault of that document.
    var held: YAMLDocument?
    do throws(YAMLProblem) {
      while let nextLine = try parser.nextDocument() {
        if let document = held.take() { body(document) }
        line = nextLine
        builder = TreeBuilder(limits)
        let root = try builder.root(from: parser, reusing: &texts)
        held = YAMLDocument(root: builder.isComplete ? root : nil, problems: builder.problems, line: root?.line ?? line)
      }
      if let document = held { body(document) }
      return nil
    } catch {
      let problems = held == nil ? builder.problems : []
      if let document = held, !document.isScalar { body(document) }
      body(YAMLDocument(root: nil, problems: problems + [error], line: line))
      return max(parser.lastLine, line + 1)
    }
  }
}

extension YAMLDocument {
  fileprivate var isScalar: Bool {
    if case .scalar = root?.content { true } else { false }
  }
}

/// The beginning of a line.
private struct Position {
  var offset: Int
  /// How many lines stand before it.
  var lines: Int

  /// The first `---` line below this one that is not above `line`, counted from 1.
  ///
  /// YAML 1.1 section 9.1.2 forbids such a line within any scalar, so it always begins a document.
  func nextMarker(in buffer: UnsafeRawBufferPointer, fromLine line: Int) -> Position? {
    var position = self
    while let newline = buffer[position.offset...].firstIndex(of: UInt8(ascii: "\n")) {
      position = Position(offset: newline + 1, lines: position.lines + 1)
      let rest = buffer[position.offset...]
      guard position.lines + 1 >= line, rest.starts(with: "---".utf8) else { continue }
      let follower = rest.dropFirst(3).first
      if follower == nil || [0x09, 0x0A, 0x0D, 0x20].contains(follower) { return position }
    }
    return nil
  }
}
