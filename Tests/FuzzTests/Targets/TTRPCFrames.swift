import FederationProto

@testable import TTRPC

extension FuzzTarget {
  /// The frames of a connection are the same however its bytes come.
  static let ttrpcFrames = FuzzTarget("ttrpc-frames") { bytes in
    let whole = try frames([bytes])
    let split = try frames(pieces(of: bytes))
    try hold(whole == split, "frames do not depend on how their bytes come: \(whole) and \(split)")
  }

  private enum Seen: Equatable {
    case frame(FrameHeader, [UInt8])
    case tooLarge(FrameHeader)
    case broken
  }

  private static func frames(_ pieces: [[UInt8]]) throws -> [Seen] {
    var reader = FrameReader(maximumLength: 512)
    var waiting: [UInt8] = []
    var seen: [Seen] = []
    for piece in pieces {
      waiting += piece
      var offset = 0
      var isComplete = true
      while isComplete {
        switch reader.next(in: waiting.span.bytes, at: &offset) {
        case .frame(let header, let range):
          try hold(header.length == range.count && range.count <= 512, "a frame is as long as its header says")
          let copy = Array(header.bytes.span.bytes.withUnsafeBytes { Array($0) })
          try hold(FrameHeader(copy.span.bytes, at: 0) == header, "a header that is written reads the same")
          seen.append(.frame(header, Array(waiting[range])))
        case .tooLarge(let header): seen.append(.tooLarge(header))
        case .broken: return seen + [.broken]
        case .incomplete: isComplete = false
        }
      }
      waiting.removeFirst(offset)
      try hold(waiting.count < 512 + FrameHeader.byteCount, "no more is kept than one frame")
    }
    return seen
  }
}
