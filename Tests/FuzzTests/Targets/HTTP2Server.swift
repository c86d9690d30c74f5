extension FuzzTarget {
  /// An HTTP/2 connection of the server, which carries gRPC and the gateway, answers in whole frames.
  static let http2Server = FuzzTarget("http2-server") { bytes in
    // The preface and empty SETTINGS come first always: without them nothing else is read.
    let opening = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    let answer = try LoopbackServer.http2.get().answer(to: [opening] + pieces(of: bytes))
    var rest = answer.bytes[...]
    while rest.count >= 9 {
      let length = rest.prefix(3).reduce(0) { $0 << 8 | Int($1) }
      try hold(length <= 16_384, "a frame keeps the limit that the peer did not raise")
      guard rest.count >= 9 + length else { break }
      rest = rest.dropFirst(9 + length)
    }
    try hold(!answer.isWhole || rest.isEmpty, "answers are whole frames")
  }
}
