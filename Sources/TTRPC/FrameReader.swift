import FederationProto

/// Cuts a connection's bytes into frames, for either side.
struct FrameReader {
  /// What stands next in the bytes.
  enum Step: Equatable {
    /// A whole frame; its data is the range.
    case frame(FrameHeader, Range<Int>)
    /// The start of a frame over the limit. Its data will be skipped; the stream is still to be answered.
    case tooLarge(FrameHeader)
    /// The bytes end inside a frame, or just before one.
    case incomplete
    /// What stands there is no frame, and where the next one starts cannot be known.
    case broken
  }

  /// Data bytes that a frame may have.
  let maximumLength: Int
  /// Bytes of a frame over the limit that are still to be dropped.
  private(set) var toSkip = 0
  /// The size, with its header, of the frame that ``Step/incomplete`` left unfinished; 0 between frames.
  private(set) var unfinished = 0

  init(maximumLength: Int) {
    self.maximumLength = maximumLength
  }

  /// Reads one step at `offset`, which moves past what need not be shown again.
  mutating func next(in bytes: RawSpan, at offset: inout Int) -> Step {
    if toSkip > 0 {
      let skipped = min(toSkip, bytes.byteCount - offset)
      toSkip -= skipped
      offset += skipped
      if toSkip > 0 { return .incomplete }
      unfinished = 0
    }
    let available = bytes.byteCount - offset
    guard available > 0 else {
      unfinished = 0
      return .incomplete
    }
    // The length is at most 4 MiB, so its first byte is always 0. Anything else is another protocol, or a
    // sender out of step, and skipping up to 4 GiB of it would serve nobody.
    guard bytes.byte(at: offset) == 0 else { return .broken }
    guard available >= FrameHeader.byteCount else {
      unfinished = FrameHeader.byteCount
      return .incomplete
    }
    let header = FrameHeader(bytes, at: offset)
    guard header.length <= maximumLength else {
      offset += FrameHeader.byteCount
      toSkip = header.length
      unfinished = FrameHeader.byteCount + header.length
      return .tooLarge(header)
    }
    guard available >= FrameHeader.byteCount + header.length else {
      unfinished = FrameHeader.byteCount + header.length
      return .incomplete
    }
    unfinished = 0
    let start = offset + FrameHeader.byteCount
    offset = start + header.length
    return .frame(header, start..<offset)
  }
}
