/// Reads field lines up to the empty line that ends them: a header section or a trailer section.
struct FieldSection {
  enum Outcome {
    case needsBytes
    case field(HTTPFields.Field)
    case end
  }

  private let tooLarge: HTTPRefusal
  private var bytesLeft: Int
  private var fieldsLeft: Int
  private var line = LineScanner()

  /// A section of at most `bytes` (with CRLFs) and `fields`; what is larger is refused with `tooLarge`.
  init(bytes: Int, fields: Int, tooLarge: HTTPRefusal) {
    bytesLeft = bytes
    fieldsLeft = fields
    self.tooLarge = tooLarge
  }

  /// Reads one line from `offset` and moves `offset` past it.
  mutating func next(_ bytes: RawSpan, _ offset: inout Int) throws(HTTPRefusal) -> Outcome {
    switch line.scan(bytes, from: offset, limit: bytesLeft) {
    case .incomplete: return .needsBytes
    case .tooLong: throw tooLarge
    case .malformed(let refusal): throw refusal
    case .line(let end):
      let range = offset..<end
      offset = end + 2
      if range.isEmpty { return .end }
      bytesLeft = max(0, bytesLeft - range.count - 2)
      fieldsLeft -= 1
      guard fieldsLeft >= 0 else { throw tooLarge }
      return .field(try HTTPFields.Field(line: bytes.extracting(range)))
    }
  }
}
