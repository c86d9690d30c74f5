import HTTP1

/// Shows a parser some bytes the way a connection does, and collects what it says.
struct ParserDriver {
  private var parser: HTTP1RequestParser
  private var waiting: [UInt8] = []
  private(set) var events: [HTTP1RequestParser.Event] = []

  init(limits: HTTP1Limits = HTTP1Limits()) { parser = HTTP1RequestParser(limits: limits) }

  mutating func feed(_ bytes: some Sequence<UInt8>) {
    waiting += bytes
    while !waiting.isEmpty, !isRefused {
      let shown = waiting
      let (consumed, event) = parser.parse(shown.span.bytes)
      waiting.removeFirst(consumed)
      if case .incomplete = event { return }
      events.append(event)
    }
  }

  private var isRefused: Bool {
    if case .refused = events.last { true } else { false }
  }

  /// What `text` comes to in one piece.
  static func events(_ text: String, limits: HTTP1Limits = HTTP1Limits()) -> [HTTP1RequestParser.Event] {
    var driver = ParserDriver(limits: limits)
    driver.feed(text.utf8)
    return driver.events
  }

  /// What `text` comes to when it is one request: the request or the refusal, without the head before it.
  static func outcome(_ bytes: [UInt8], limits: HTTP1Limits = HTTP1Limits()) -> HTTP1RequestParser.Event? {
    var driver = ParserDriver(limits: limits)
    driver.feed(bytes)
    return driver.events.last
  }

  static func request(_ text: String, limits: HTTP1Limits = HTTP1Limits()) -> HTTPServerRequest? {
    if case .request(let request) = outcome(Array(text.utf8), limits: limits) { request } else { nil }
  }

  static func refusalStatus(_ text: String, limits: HTTP1Limits = HTTP1Limits()) -> Int? {
    if case .refused(let refusal) = outcome(Array(text.utf8), limits: limits) { refusal.status } else { nil }
  }
}
