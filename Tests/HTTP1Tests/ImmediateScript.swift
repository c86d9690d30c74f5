import FederationAPI
import HTTP1
import Synchronization

/// Answers POSTs from memory by path: `/now...` with what it was shown, `/big` with 100,000 bytes; others it leaves to
/// the slow way, which answers `/held` when the test says so and all else at once.
final class ImmediateScript: HTTPResponder {
  struct Counts: Equatable {
    /// Loops that asked for a responder.
    var responders = 0
    /// Connections.
    var exchanges = 0
    var prepared = 0
    var asked: [String] = []
  }

  /// Stands for the script; a responder may be a struct.
  private final class Owner: Sendable {}

  static let bigCount = 100_000
  static let fieldLines = "X-Way: short\r\n"

  private let own = Owner()
  private let slow = ScriptedResponder()
  private let state = Mutex(Counts())

  var counts: Counts { state.withLock { $0 } }
  var owner: AnyObject? { own }

  /// Answers what is held.
  func release() { slow.release() }

  /// Waits until the slow way is asked for `path`.
  func wasAsked(for path: String) async {
    for await event in slow.events where event == "asked \(path)" { return }
  }

  func makeImmediateResponder() -> (any ImmediateResponder)? {
    state.withLock { $0.responders += 1 }
    return Responder(script: self)
  }

  func respond(to request: HTTPServerRequest, peer: String) -> HTTPReply {
    state.withLock { $0.asked.append(request.head.target) }
    return slow.respond(to: request, peer: peer)
  }

  private final class Responder: ImmediateResponder {
    private let script: ImmediateScript
    init(script: ImmediateScript) { self.script = script }
    func exchange(peer: String, identity: ConnectionIdentity?) -> any ImmediateExchange {
      script.state.withLock { $0.exchanges += 1 }
      return Exchange(script: script)
    }
  }

  private final class Exchange: ImmediateExchange {
    private let script: ImmediateScript
    private var answer: [UInt8] = []
    let fieldLines = Array(ImmediateScript.fieldLines.utf8)
    init(script: ImmediateScript) { self.script = script }

    func prepare(target: RawSpan, authorization: RawSpan, body: RawSpan, now: MonotonicTime) -> Int? {
      if target.starts(with: "/now") {
        answer = copy(target)
        for part in [copy(authorization), copy(body), []] { answer += [UInt8(ascii: "|")] + part }
      } else if target.isEqual(to: "/big") {
        answer = [UInt8](repeating: UInt8(ascii: "b"), count: ImmediateScript.bigCount)
      } else {
        return nil
      }
      script.state.withLock { $0.prepared += 1 }
      return answer.count
    }

    func writeBody(to room: UnsafeMutableRawBufferPointer) {
      precondition(room.count == answer.count)
      room.copyBytes(from: answer)
    }

    private func copy(_ bytes: RawSpan) -> [UInt8] { bytes.withUnsafeBytes { Array($0) } }
  }
}

/// A POST with `fields`, each with its CRLF, and a body.
func post(_ target: String, _ fields: String = "", _ body: String = "{}") -> String {
  "POST \(target) HTTP/1.1\r\nHost: a\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}
