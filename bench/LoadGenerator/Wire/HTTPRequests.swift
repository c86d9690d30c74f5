/// Requests of the documented HTTP API, made once and sent with the key written over.
struct HTTPRequests {
  private var gets: RequestParts
  /// What follows the Authorization field's `Bearer`, by token.
  private let tails: [[UInt8]]
  private let freshTokens: TokenList?
  private var freshTail: [UInt8] = []

  init(store: String, keysPerStore: Int?, host: String, tokens: TokenList, freshTokens: TokenList?) {
    gets = RequestParts(store: store, keysPerStore: keysPerStore) { store, key in
      let line = Array("POST /secretstore/\(store)/secrets/\(key)".utf8)
      let fields = " HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
      return RequestParts.Head(bytes: line + Array((fields + "Authorization: Bearer ").utf8), digitsEnd: line.count)
    }
    tails = (0..<tokens.count).map { Array(tokens[$0]) + Self.end }
    self.freshTokens = freshTokens
  }

  private static let end = Array("\r\n\r\n{}".utf8)

  mutating func send(_ call: Call, to output: some RequestOutput) {
    gets.withHead(gets.prepare(key: call.key)) { output.write($0) }
    switch call.credential {
    case .bound: break
    case .token(let index): output.write(tails[index])
    case .fresh(let index):
      freshTail.removeAll(keepingCapacity: true)
      if let freshTokens { freshTail += freshTokens[index] }
      freshTail += Self.end
      output.write(freshTail)
    }
  }
}
