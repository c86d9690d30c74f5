@testable import HTTP1

extension FuzzTarget {
  /// A chunked body is the same however its bytes come, and keeps the limit.
  static let http1ChunkedBody = FuzzTarget("http1-chunked-body") { bytes in
    let whole = try chunkedBody([bytes])
    let split = try chunkedBody(pieces(of: bytes))
    try hold(whole == split, "a body does not depend on how its bytes come: \(whole) and \(split)")
  }

  private enum ChunkedBody: Equatable {
    case unfinished
    case complete([UInt8], end: Int)
    case refused(HTTPRefusal)
  }

  private static func chunkedBody(_ pieces: [[UInt8]]) throws -> ChunkedBody {
    var limits = HTTP1Limits()
    limits.bodyBytes = 256
    var decoder = ChunkedBodyDecoder(limits: limits)
    var waiting: [UInt8] = []
    var body: [UInt8] = []
    var consumed = 0
    for piece in pieces {
      waiting += piece
      var offset = 0
      do throws(HTTPRefusal) {
        let isComplete = try decoder.decode(waiting.span.bytes, &offset, into: &body)
        consumed += offset
        if isComplete { return .complete(body, end: consumed) }
      } catch {
        return .refused(error)
      }
      try hold(body.count <= 256, "bodies are bounded")
      waiting.removeFirst(offset)
    }
    return .unfinished
  }
}
