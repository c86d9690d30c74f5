import Foundation
import HTTP1
import Logging
import TestSupport
import Transport

/// An HTTP/1 server without TLS on a free loopback port.
struct PlainServer<Responder: HTTPResponder> {
  let group: EventLoopGroup
  let port: UInt16
  let responder: Responder

  init(
    responder: Responder, limits: HTTP1Limits = HTTP1Limits(), listener: ListenerLimits = ListenerLimits(),
    loops: Int = 1
  ) throws {
    self.responder = responder
    let log = Log(level: .error)
    group = try EventLoopGroup(loops: loops, log: log)
    port = try group.listen(host: "127.0.0.1", port: 0, tls: nil, limits: listener) { _ in
      HTTP1ServerConnection(responder: responder, limits: limits, log: log)
    }.port
  }

  func client(reads: Bool = true) throws -> RawClient { try RawClient(port: port, reads: reads) }

  func stop() async { await group.shutDown(graceSeconds: 0) }
}

extension PlainServer<ScriptedResponder> {
  init(limits: HTTP1Limits = HTTP1Limits(), listener: ListenerLimits = ListenerLimits()) throws {
    try self.init(responder: ScriptedResponder(), limits: limits, listener: listener)
  }
}

/// A GET with `fields`, each with its CRLF.
func get(_ target: String, _ fields: String = "", version: String = "1.1") -> String {
  "GET \(target) HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n"
}

/// How often `part` stands in `text`.
func count(_ part: String, in text: String) -> Int { text.components(separatedBy: part).count - 1 }
