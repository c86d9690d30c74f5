import FederationAPI
import Foundation
import TestSupport
import Testing

/// Whole connections damaged at random: both ways say the same, to the byte, and end at the same place.
@Suite(.timeLimit(.minutes(2))) struct GatewayStreamTests {
  /// No Expect: whether 100 Continue is sent depends on what has come by then.
  private static let pieces = [
    "\r\n", "\r", "\n", " ", "\t", ":", "\0", "?", "#", "%4B", "/", "0", "é", "Host: b\r\n", "Content-Length: 2\r\n",
    "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "Authorization: Bearer t\r\n",
    "X-Workload-Token: w\r\n", "0\r\n\r\n", "\r\n\r\n",
  ].map { Array($0.utf8) }

  private static func stream(_ random: inout Numbers) -> [UInt8] {
    let requests = [
      GatewayWaysTests.post(), GatewayWaysTests.post(body: ""), GatewayWaysTests.post(body: "{\"ca.crt\":\"QUJD\"}"),
      GatewayWaysTests.post("/secretstore/S/secrets/other"), GatewayWaysTests.post() + "\r\n",
      "POST /secretstore/S/secrets/K HTTP/1.1\r\nauthorization:Bearer t\r\nhost:a\r\n\r\n",
    ]
    var bytes: [UInt8] = []
    for _ in 0..<6 { bytes += Array((requests.randomElement(using: &random) ?? "").utf8) }
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, place + Int.random(in: 1...10, using: &random))
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes.remove(at: place)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
      case 3: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
      default:
        let lines = bytes.indices.filter { bytes[$0] == 0x0A }
        bytes.insert(
          contentsOf: pieces.randomElement(using: &random) ?? [], at: (lines.randomElement(using: &random) ?? 0) + 1)
      }
    }
    return bytes
  }

  /// All that comes back for `bytes`, sent in two parts, without the values that differ each time.
  private func answers(to bytes: [UInt8], cut: Int, from port: UInt16) async throws -> [String] {
    let client = try RawClient(port: port)
    client.send(Array(bytes[..<cut]))
    await Task.yield()
    client.send(Array(bytes[cut...]))
    client.endSending()
    return await client.everything().components(separatedBy: "\r\n").map { line in
      line.hasPrefix("Date: ") ? "Date" : line.hasPrefix("X-Request-Id: ") ? "X-Request-Id" : line
    }
  }

  @Test("damaged streams of requests are answered the same both ways")
  func differential() async throws {
    let secret = SecretBytes("s3cret")
    let service = RememberingService(secret)
    let short = try PlainGateway(service)
    let long = try PlainGateway(service.slow)
    var random = Numbers(state: 42)
    for round in 0..<1_500 {
      let bytes = Self.stream(&random)
      let cut = Int.random(in: 0...bytes.count, using: &random)
      let one = try await answers(to: bytes, cut: cut, from: short.port)
      let other = try await answers(to: bytes, cut: cut, from: long.port)
      #expect(one == other, "round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    }
    #expect(service.questions.count { $0.isKnown } > 1_000)
    await short.stop()
    await long.stop()
  }
}
