@testable import HTTP1

/// Reads a request both ways: whole by ``ImmediateHead`` and by ``HTTP1RequestParser``, which is always right.
enum HeadReadings {
  enum Outcome: Equatable {
    /// The head was taken, and the parser reads it the same way.
    case taken
    /// The head was left to the parser.
    case left
    /// The head was taken and the parser reads it otherwise; the text says how.
    case differs(String)
  }

  static func outcome(_ text: String, limits: HTTP1Limits = HTTP1Limits()) -> Outcome {
    outcome(Array(text.utf8), limits: limits)
  }

  static func outcome(_ bytes: [UInt8], limits: HTTP1Limits = HTTP1Limits()) -> Outcome {
    guard let head = ImmediateHead(bytes.span.bytes, limits: limits) else { return .left }
    var parser = HTTP1RequestParser(limits: limits)
    var consumed = 0
    while true {
      let (count, event) = parser.parse(bytes.span.bytes.extracting(consumed..<bytes.count))
      consumed += count
      switch event {
      case .incomplete: return .differs("the parser wants more")
      case .refused(let refusal): return .differs("refused: \(refusal.message)")
      case .head: continue
      case .request(let request):
        return difference(head, request, end: consumed, bytes).map(Outcome.differs) ?? .taken
      }
    }
  }

  private static func difference(
    _ head: ImmediateHead, _ request: HTTPServerRequest, end: Int, _ bytes: [UInt8]
  ) -> String? {
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    let fields = request.head.fields
    if head.body.upperBound != end { return "ends at \(head.body.upperBound), not at \(end)" }
    if request.body != Array(bytes[head.body]) { return "another body" }
    if request.head.method != "POST" || request.head.version != .http11 { return "another kind of request" }
    if request.head.target != text(head.target) || request.head.path != text(head.target) { return "another target" }
    let authorization = head.authorization.isEmpty ? [] : [text(head.authorization)]
    if fields.values(of: "authorization") != authorization { return "another authorization" }
    if !request.head.keepsAlive || request.head.expectsContinue { return "a wish passed over" }
    for name in ["transfer-encoding", "x-workload-token"] where fields[name] != nil { return "\(name) passed over" }
    return nil
  }
}
