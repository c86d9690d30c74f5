@testable import HTTP1

extension FuzzTarget {
  /// A request that the short way takes, the parser reads the same.
  static let http1ImmediateHead = FuzzTarget("http1-immediate-head") { bytes in
    let limits = HTTP1Limits()
    guard let head = ImmediateHead(bytes.span.bytes, limits: limits) else { return }
    var parser = HTTP1RequestParser(limits: limits)
    var (end, event) = parser.parse(bytes.span.bytes)
    if case .head = event {
      let rest = parser.parse(bytes.span.bytes.extracting(end..<bytes.count))
      (end, event) = (end + rest.consumed, rest.event)
    }
    guard case .request(let request) = event else {
      throw BrokenProperty(description: "what the short way takes is a request to the parser, not \(event)")
    }
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    let fields = request.head.fields
    try hold(head.body.upperBound == end, "both end the request at the same byte")
    try hold(request.body == Array(bytes[head.body]), "both find the same body")
    try hold(request.head.method == "POST" && request.head.version == .http11, "only POST of 1.1 is taken")
    try hold(request.head.target == text(head.target), "both find the same target")
    try hold(
      fields.values(of: "authorization") == (head.authorization.isEmpty ? [] : [text(head.authorization)]),
      "both find the same caller")
    try hold(request.head.keepsAlive && !request.head.expectsContinue, "no wish of the client is passed over")
    try hold(
      fields["transfer-encoding"] == nil && fields["x-workload-token"] == nil, "no field that matters is passed over")
  }
}
