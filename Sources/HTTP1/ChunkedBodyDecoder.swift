/// Undoes the chunked transfer coding (RFC 9112 section 7.1), with bounds on everything that a peer may add to it.
struct ChunkedBodyDecoder {
  private enum State {
    case size
    case data(remaining: Int)
    case dataEnd
    case trailers(FieldSection)
  }

  private let limits: HTTP1Limits
  private var state = State.size
  private var line = LineScanner()
  private var extensionBytes = 0

  init(limits: HTTP1Limits) { self.limits = limits }

  /// Appends what `bytes` has from `offset` on to `body` and moves `offset` past what was read.
  /// Returns true at the end of the body, false when more bytes are needed.
  mutating func decode(_ bytes: RawSpan, _ offset: inout Int, into body: inout [UInt8]) throws(HTTPRefusal) -> Bool {
    while true {
      switch state {
      case .size:
        guard let size = try chunkSize(bytes, &offset) else { return false }
        guard size <= limits.bodyBytes - body.count else { throw .bodyTooLarge(limit: limits.bodyBytes) }
        state = size == 0 ? .trailers(trailerSection()) : .data(remaining: size)
      case .data(let remaining):
        let left = remaining - body.take(atMost: remaining, from: bytes, &offset)
        state = left == 0 ? .dataEnd : .data(remaining: left)
        if left > 0 { return false }
      case .dataEnd:
        guard try chunkEnd(bytes, &offset) else { return false }
        state = .size
      case .trailers(var section):
        let outcome = try section.next(bytes, &offset)
        state = .trailers(section)
        switch outcome {
        case .needsBytes: return false
        // Dropped: merging trailers would let them change what the header section said.
        case .field: continue
        case .end: return true
        }
      }
    }
  }

  private mutating func chunkSize(_ bytes: RawSpan, _ offset: inout Int) throws(HTTPRefusal) -> Int? {
    switch line.scan(bytes, from: offset, limit: limits.chunkLineBytes) {
    case .incomplete: return nil
    case .tooLong: throw .badRequest("a chunk size line is too long")
    case .malformed(let refusal): throw refusal
    case .line(let end):
      let chunk = try ChunkSizeLine(bytes.extracting(offset..<end))
      extensionBytes += chunk.extensionBytes
      guard extensionBytes <= limits.chunkExtensionBytes else { throw .badRequest("too many chunk extensions") }
      offset = end + 2
      return chunk.size
    }
  }

  private func chunkEnd(_ bytes: RawSpan, _ offset: inout Int) throws(HTTPRefusal) -> Bool {
    let missing = HTTPRefusal.badRequest("a chunk does not end in CRLF")
    guard offset < bytes.byteCount else { return false }
    guard bytes.byte(at: offset) == carriageReturn else { throw missing }
    guard offset + 1 < bytes.byteCount else { return false }
    guard bytes.byte(at: offset + 1) == lineFeed else { throw missing }
    offset += 2
    return true
  }

  private func trailerSection() -> FieldSection {
    FieldSection(
      bytes: limits.trailerBytes, fields: limits.trailerFields,
      tooLarge: HTTPRefusal(
        status: 431,
        message: "trailers too large: \(limits.trailerFields) fields and \(limits.trailerBytes) bytes are the most"))
  }
}

extension [UInt8] {
  /// Appends up to `count` bytes that `bytes` has from `offset` on, and returns how many there were.
  mutating func take(atMost count: Int, from bytes: RawSpan, _ offset: inout Int) -> Int {
    let taken = Swift.min(count, bytes.byteCount - offset)
    bytes.extracting(offset..<(offset + taken)).withUnsafeBytes { append(contentsOf: $0) }
    offset += taken
    return taken
  }
}
