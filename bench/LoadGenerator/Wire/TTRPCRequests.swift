import FederationAPI
import FederationProto

/// ttrpc Request frames, made once and sent with stream id, length and key written over.
///
/// The frame is `Request {string service=1; string method=2; bytes payload=3; repeated KeyValue metadata=5}` behind ten
/// bytes of header; the metadata, which holds the token, is the tail.
struct TTRPCRequests {
  static let headerCount = 10

  private var gets: RequestParts
  private var authenticate: [UInt8]
  /// Metadata by token.
  private let tails: [[UInt8]]
  private let freshTokens: TokenList?
  private var freshTail: [UInt8] = []

  init(store: String, keysPerStore: Int?, tokens: TokenList, freshTokens: TokenList?) {
    gets = RequestParts(store: store, keysPerStore: keysPerStore) { store, key in
      // Names that the generator makes hold no NUL, the one thing that cannot be encoded.
      let payload = (try? GetSecretRequest(store: store, name: key).protobuf()) ?? []
      let frame = Self.frame(FederationMethod.getSecret, payload: payload)
      return RequestParts.Head(bytes: frame, digitsEnd: frame.count)
    }
    authenticate = Self.frame(.authenticate, payload: AuthenticateRequest().protobuf())
    tails = (0..<tokens.count).map { index in
      var tail: [UInt8] = []
      Self.appendMetadata(tokens[index], to: &tail)
      return tail
    }
    self.freshTokens = freshTokens
  }

  /// Sends the frame of `call` on the stream `streamID`.
  mutating func send(_ call: Call, streamID: UInt32, to output: some RequestOutput) {
    let tailCount = prepareTail(call.credential)
    switch call.kind {
    case .get:
      gets.withHead(gets.prepare(key: call.key)) { head in
        Self.address(&head, streamID: streamID, tailCount: tailCount)
        output.write(head)
      }
    case .authenticate:
      Self.address(&authenticate, streamID: streamID, tailCount: tailCount)
      output.write(authenticate)
    }
    switch call.credential {
    case .bound: break
    case .token(let index): output.write(tails[index])
    case .fresh: output.write(freshTail)
    }
  }

  private mutating func prepareTail(_ credential: Call.Credential) -> Int {
    switch credential {
    case .bound: return 0
    case .token(let index): return tails[index].count
    case .fresh(let index):
      freshTail.removeAll(keepingCapacity: true)
      if let freshTokens { Self.appendMetadata(freshTokens[index], to: &freshTail) }
      return freshTail.count
    }
  }

  private static func address(_ head: inout [UInt8], streamID: UInt32, tailCount: Int) {
    let length = UInt32(truncatingIfNeeded: head.count - headerCount + tailCount)
    for place in 0..<4 {
      let shift = UInt32(24 - 8 * place)
      head[place] = UInt8(truncatingIfNeeded: length >> shift)
      head[4 + place] = UInt8(truncatingIfNeeded: streamID >> shift)
    }
  }

  private static func frame(_ method: FederationMethod, payload: [UInt8]) -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: headerCount)
    frame[8] = 1
    frame.appendField(1, FederationMethod.service.utf8)
    frame.appendField(2, method.rawValue.utf8)
    frame.appendField(3, payload)
    return frame
  }

  private static func appendMetadata(_ token: ArraySlice<UInt8>, to tail: inout [UInt8]) {
    let key = Array("authorization".utf8)
    let value = Array("Bearer ".utf8)
    var pair: [UInt8] = []
    pair.appendField(1, key)
    pair.appendField(2, value + token)
    tail.appendField(5, pair)
  }
}

extension [UInt8] {
  /// A length-delimited protobuf field with a number below 16.
  fileprivate mutating func appendField(_ number: UInt8, _ bytes: some Collection<UInt8>) {
    append(number << 3 | 2)
    var rest = bytes.count
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
    append(contentsOf: bytes)
  }
}
