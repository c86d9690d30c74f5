extension FuzzTarget {
  /// An HTTP/1 connection of the server answers in whole responses, the same however the requests come.
  static let http1Server = FuzzTarget("http1-server") { bytes in
    let server = try LoopbackServer.http1.get()
    let whole = try server.answer(to: [bytes])
    let split = try server.answer(to: pieces(of: bytes))
    guard whole.isWhole, split.isWhole else { return }
    let (first, second) = (try statuses(whole.bytes), try statuses(split.bytes))
    try hold(first == second, "answers do not depend on how requests come: \(first) and \(second)")
  }

  /// The status of each response; 100 is left out, since a client that goes on by itself gets none.
  private static func statuses(_ bytes: [UInt8]) throws -> [String] {
    var statuses: [String] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard rest.starts(with: "HTTP/1.1 ".utf8), let end = rest.firstRange(of: "\r\n\r\n".utf8) else {
        throw BrokenProperty(description: "answers are whole responses: \(String(decoding: bytes, as: UTF8.self))")
      }
      let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
      let status = String(lines[0].dropFirst(9).prefix(3))
      if status != "100" { statuses.append(status) }
      rest = rest[end.upperBound...]
      let lengths = lines.compactMap { line in
        line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
      }
      // What answers HEAD says how long it would be, and the next one follows at once.
      guard let length = lengths.first, !rest.starts(with: "HTTP/1.1 ".utf8), !rest.isEmpty else { continue }
      try hold(rest.count >= length, "a response's body is as long as it says")
      rest = rest.dropFirst(length)
    }
    return statuses
  }
}
