/// One HTTP/1.1 connection: calls are answered in their order.
final class HTTPWire: CallWire {
  /// What all connections of a loop share.
  final class Shared {
    var requests: HTTPRequests
    let rule: ValueRule

    init(requests: HTTPRequests, rule: ValueRule) {
      self.requests = requests
      self.rule = rule
    }
  }

  private let shared: Shared
  /// A ring of the calls under way, oldest at `first`.
  private var calls: [Call]
  private var first = 0
  private var count = 0
  private var reader = HTTPReplyReader()

  init(shared: Shared, capacity: Int) {
    self.shared = shared
    calls = [Call](repeating: Call(), count: capacity)
  }

  func send(_ call: Call, to output: some RequestOutput) {
    calls[(first + count) % calls.count] = call
    count += 1
    shared.requests.send(call, to: output)
  }

  func nextReply(in bytes: RawSpan, at offset: inout Int) -> ReplyStep {
    switch reader.next(in: bytes, at: &offset) {
    case .incomplete: return .incomplete
    case .broken(let reason): return .broken(reason)
    case .reply(let status, let body):
      guard count > 0 else { return .broken("an answer to no call came") }
      let call = calls[first]
      first = (first + 1) % calls.count
      count -= 1
      return .reply(call, fault: fault(status, bytes, body, call))
    }
  }

  /// The body must be the value as a JSON string and one newline; values hold nothing that JSON escapes.
  private func fault(_ status: Int, _ bytes: RawSpan, _ body: Range<Int>, _ call: Call) -> ReplyFault? {
    guard status == 200 else {
      return .refused(code: status, message: bytes.text(body.prefix(200)) ?? "")
    }
    guard body.count >= 3, bytes.byte(body.lowerBound) == UInt8(ascii: "\""),
      bytes.byte(body.upperBound - 2) == UInt8(ascii: "\""), bytes.byte(body.upperBound - 1) == UInt8(ascii: "\n"),
      shared.rule.matches(bytes, body.lowerBound + 1..<body.upperBound - 2, key: call.key)
    else { return .wrongContent }
    return nil
  }
}
