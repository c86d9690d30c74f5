import HTTP1

extension FuzzTarget {
  /// The requests of a connection are the same however its bytes come, and keep the limits.
  static let http1Requests = FuzzTarget("http1-requests") { bytes in
    let whole = try requests([bytes])
    let split = try requests(pieces(of: bytes))
    try hold(whole == split, "requests do not depend on how their bytes come: \(whole) and \(split)")
  }

  private static func requests(_ pieces: [[UInt8]]) throws -> [HTTP1RequestParser.Event] {
    var limits = HTTP1Limits()
    limits.bodyBytes = 256
    limits.headerFields = 12
    var parser = HTTP1RequestParser(limits: limits)
    var waiting: [UInt8] = []
    var events: [HTTP1RequestParser.Event] = []
    for piece in pieces {
      waiting += piece
      var isComplete = true
      while isComplete, !waiting.isEmpty {
        let (consumed, event) = parser.parse(waiting.span.bytes)
        try hold(consumed <= waiting.count, "no more is consumed than is there")
        waiting.removeFirst(consumed)
        switch event {
        case .incomplete: isComplete = false
        case .refused(let refusal):
          try hold((400..<600).contains(refusal.status), "a refusal has an error's status")
          return events + [event]
        case .head(let head):
          try hold(head.fields.all.count <= 12, "fields are bounded")
          events.append(event)
        case .request(let request):
          try hold(request.body.count <= 256, "bodies are bounded")
          try hold(
            request.head.fields.all.allSatisfy { !$0.value.utf8.contains { $0 == 0 || $0 == 10 || $0 == 13 } },
            "no value holds a line's end")
          events.append(event)
        }
      }
    }
    return events
  }
}
