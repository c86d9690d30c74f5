import FederationProto

@testable import TTRPC

extension FuzzTarget {
  /// A ttrpc connection of the server answers in whole frames on its peer's streams, or ends.
  static let ttrpcServer = FuzzTarget("ttrpc-server") { bytes in
    let answer = try LoopbackServer.ttrpc.get().answer(to: pieces(of: bytes))
    var reader = FrameReader(maximumLength: .max)
    var offset = 0
    while case .frame(let header, _) = reader.next(in: answer.bytes.span.bytes, at: &offset) {
      let kinds = [FrameHeader.Kind.response, FrameHeader.Kind.data]
      try hold(kinds.contains(header.kind), "an answer's frame is a response or data, not \(header.kind)")
    }
    try hold(!answer.isWhole || offset == answer.bytes.count, "answers are whole frames")
  }
}
