import FederationAPI
import HTTP1
import Synchronization

/// Answers by path: `/now` at once, `/echo` with the body, `/big` with 100,000 bytes, `/secret` with a secret, and
/// `/held` when the test says so.
final class ScriptedResponder: HTTPResponder {
  private struct State {
    var isOpen = false
    var asked: [String] = []
    var held: [UInt64: CheckedContinuation<Bool, Never>] = [:]
    var cancelled: Set<UInt64> = []
    var nextID: UInt64 = 0
  }

  static let bigCount = 100_000

  /// `asked PATH` and `cancelled PATH` as they happen.
  let events: AsyncStream<String>
  private let continuation: AsyncStream<String>.Continuation
  private let state = Mutex(State())

  init() { (events, continuation) = AsyncStream<String>.makeStream() }

  /// The paths asked for, in order.
  var asked: [String] { state.withLock { $0.asked } }

  /// Answers what is held, and what comes to be held later at once.
  func release() {
    let held = state.withLock { state in
      state.isOpen = true
      defer { state.held = [:] }
      return state.held.values
    }
    for each in held { each.resume(returning: true) }
  }

  func respond(to request: HTTPServerRequest, peer: String) -> HTTPReply {
    let path = String(request.head.path)
    state.withLock { $0.asked.append(request.head.target) }
    continuation.yield("asked \(path)")
    switch path {
    case "/held":
      return .pending { [self] in
        let wasReleased = await pass()
        if !wasReleased { continuation.yield("cancelled \(path)") }
        return response("held")
      }
    case "/echo": return .ready(HTTPServerResponse(status: 200, body: .plain(request.body)))
    case "/big":
      return .ready(
        HTTPServerResponse(status: 200, body: .plain([UInt8](repeating: UInt8(ascii: "b"), count: Self.bigCount))))
    case "/secret": return .ready(HTTPServerResponse(status: 200, body: .secret(SecretBytes("hush"))))
    case "/none": return .ready(HTTPServerResponse(status: 204))
    case "/split": return .ready(HTTPServerResponse(status: 200, fields: [.init("X", "a\r\nY: b")]))
    default: return .ready(response("now \(request.head.target)"))
    }
  }

  func answerBeforeBody(of head: HTTPRequestHead, peer: String) -> HTTPServerResponse? {
    head.path == "/unwanted" ? HTTPServerResponse(status: 401, body: .plain(Array("unwanted".utf8))) : nil
  }

  private func response(_ text: String) -> HTTPServerResponse {
    HTTPServerResponse(status: 200, fields: [.init("Content-Type", "text/plain")], body: .plain(Array(text.utf8)))
  }

  private func pass() async -> Bool {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let outcome: Bool? = state.withLock { state in
          if state.isOpen { return true }
          if state.cancelled.contains(id) { return false }
          state.held[id] = continuation
          return nil
        }
        if let outcome { continuation.resume(returning: outcome) }
      }
    } onCancel: {
      let waiting = state.withLock { state in
        state.cancelled.insert(id)
        return state.held.removeValue(forKey: id)
      }
      waiting?.resume(returning: false)
    }
  }
}
