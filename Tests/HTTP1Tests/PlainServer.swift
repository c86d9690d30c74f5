import Foundation
import HTTP1
import Logging
import Transport

/// An HTTP/1 server without TLS on a free loopback port.
struct PlainServer {
  let group: EventLoopGroup
  let port: UInt16
  let responder = ScriptedResponder()

  init(limits: HTTP1Limits = HTTP1Limits(), listener: ListenerLimits = ListenerLimits()) throws {
    let log = Log(level: .error)
    group = try EventLoopGroup(loops: 1, log: log)
    port = try group.listen(host: "127.0.0.1", port: 0, tls: nil, limits: listener) { [responder] _ in
      HTTP1ServerConnection(responder: responder, limits: limits, log: log)
    }.port
  }

  func client(reads: Bool = true) throws -> RawClient { try RawClient(port: port, reads: reads) }

  func stop() async { await group.shutDown(graceSeconds: 0) }
}

/// A GET with `fields`, each with its CRLF.
func get(_ target: String, _ fields: String = "", version: String = "1.1") -> String {
  "GET \(target) HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n"
}

/// How often `part` stands in `text`.
func count(_ part: String, in text: String) -> Int { text.components(separatedBy: part).count - 1 }
