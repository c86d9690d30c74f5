import FederationAPI
import Foundation
import TestSupport
import Testing
import Transport

@testable import Gateway

/// A caller cannot tell which way its request went, and only what is known goes the short one.
@Suite(.timeLimit(.minutes(1))) struct GatewayWaysTests {
  private static let path = FederationGatewayTests.path
  /// The slow way answers it, and ends the connection.
  private static let last = post("/end", "Authorization: Bearer t\r\nConnection: close\r\n")
  private static let bundle = "{\"ca.crt\":\"QUJD\"}"

  static func post(
    _ path: String = Self.path, _ fields: String = "Authorization: Bearer t\r\n", body: String = "{}"
  ) -> String {
    "POST \(path) HTTP/1.1\r\nHost: a\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  /// `answers` with the values of Date and X-Request-Id left out, once their form was looked at.
  private func comparable(_ answers: String) -> [String] {
    answers.components(separatedBy: "\r\n").map { line in
      if line.hasPrefix("Date: ") {
        #expect(line.utf8.count == 35 && line.hasSuffix(" GMT"))
        return "Date"
      }
      guard line.hasPrefix("X-Request-Id: ") else { return line }
      #expect(isRequestID(line.dropFirst(14)))
      return "X-Request-Id"
    }
  }

  private func isRequestID(_ text: some StringProtocol) -> Bool {
    text.utf8.count == 16 && text.allSatisfy { "0123456789abcdef".contains($0) }
  }

  /// Sends `requests` both ways, expects the same bytes back, and returns them with the service that remembers.
  private func both(_ secret: SecretBytes, _ requests: String) async throws -> (String, RememberingService) {
    let (service, slow) = (RememberingService(secret), FakeFederationService(secret: .success(secret)))
    var answers: [String] = []
    for each in [service, slow] as [any FederationService] {
      let gateway = try PlainGateway(each)
      let client = try RawClient(port: gateway.port)
      client.send(requests)
      client.endSending()
      answers.append(await client.everything())
      await gateway.stop()
    }
    #expect(comparable(answers[0]) == comparable(answers[1]))
    return (answers[0], service)
  }

  @Test(
    "every value is answered byte for byte as the slow way answers it",
    arguments: [
      "s3cret", "", "\"\\\n\r\t\u{0}\u{1F}\u{7F}", "<a href='x'>&/", "\u{2028}a\u{2029}", "é€😀\u{2027}\u{FFFF}",
      String(repeating: "x", count: 70_000), String(repeating: "<\u{2028}", count: 40_000),
      String(repeating: "abcdefghijklmno\n", count: 65_536),
    ])
  func values(value: String) async throws {
    let (answer, service) = try await both(SecretBytes(value), Self.post())
    #expect(answer.hasSuffix("\r\n\r\n" + String(decoding: JSONStringLiteral.encode(value), as: UTF8.self)))
    #expect(service.slow.calls.isEmpty)
    #expect(service.questions.map(\.isKnown) == [true])
  }

  @Test("requests of every kind are answered the same, in one packet")
  func kinds() async throws {
    let requests = [
      Self.post(), Self.post(body: ""), Self.post(body: "{ }"), Self.post(body: Self.bundle),
      Self.post(body: Self.bundle), Self.post("/secretstore/S/secrets/%4B"), Self.post("/secretstore/S/secrets/K?x"),
      Self.post("/secretstore/S/secrets/K/"), Self.post("/secretstore/S/secrets/"), Self.post("/nowhere"),
      Self.post("/secretstore/S/secrets/%zz"), Self.post(body: "nonsense"), Self.post(body: "{\"ca.crt\":1}"),
      Self.post(Self.path, ""), Self.post(Self.path, "Authorization: \r\n"),
      Self.post(Self.path, "Authorization: Bearer t\r\nX-Workload-Token: w\r\n"),
      Self.post(Self.path, "Authorization: Bearer t\r\nAuthorization: Bearer t\r\n"),
      "GET \(Self.path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\n\r\n", Self.post(),
      Self.post("/secretstore/S/secrets/K", "Authorization: Bearer t\r\nConnection: close\r\n"),
    ]
    let (answer, service) = try await both(SecretBytes("s3cret"), requests.joined())
    #expect(answer.components(separatedBy: "HTTP/1.1 ").count == requests.count + 1)
    #expect(service.questions.filter(\.isKnown).map(\.caCertificates) == ["", "", "ABC", ""])
  }

  @Test("a value that is not UTF-8 is left to the slow way, which refuses it")
  func notUTF8() async throws {
    let (answer, service) = try await both(SecretBytes([0x61, 0xFF]), Self.post() + Self.post())
    #expect(answer.components(separatedBy: "HTTP/1.1 400 Bad Request\r\n").count == 3)
    #expect(service.slow.calls.count == 2)
  }

  @Test("a bundle is read the slow way once, and then known on every connection of the loop")
  func bundles() async throws {
    let service = RememberingService(SecretBytes("s3cret"))
    let gateway = try PlainGateway(service)
    for _ in 0..<3 {
      let client = try RawClient(port: gateway.port)
      client.send(Self.post(body: Self.bundle))
      _ = await client.text(with: "\"s3cret\"\n")
    }
    #expect(service.slow.calls == [.getSecret(store: "S", name: "K", Array("ABC".utf8))])
    let known = RememberingService.Question(
      store: "S", name: "K", caCertificates: "ABC", authorization: "Bearer t", isKnown: true)
    #expect(service.questions == [known, known])
    await gateway.stop()
  }

  @Test("every answer has a request id of its own, sixteen hexadecimal digits, over all connections")
  func requestIDs() async throws {
    let gateway = try PlainGateway(RememberingService(SecretBytes("v")))
    var ids: [String] = []
    for _ in 0..<4 {
      let client = try RawClient(port: gateway.port)
      client.sendInBackground(Array((String(repeating: Self.post(), count: 500) + Self.last).utf8))
      let all = await client.everything()
      ids += all.components(separatedBy: "X-Request-Id: ").dropFirst().map { String($0.prefix { $0 != "\r\n" }) }
    }
    #expect(ids.count == 4 * 501)
    #expect(Set(ids).count == ids.count)
    #expect(ids.allSatisfy(isRequestID))
    await gateway.stop()
  }

  @Test("a peer that does not read is answered up to the output's high-water mark and not further")
  func highWater() async throws {
    let service = RememberingService(SecretBytes(String(repeating: "v", count: 1 << 20)))
    let gateway = try PlainGateway(service)
    let client = try RawClient(port: gateway.port, reads: false)
    let total = 20
    client.sendInBackground(Array((String(repeating: Self.post(), count: total) + Self.last).utf8))
    var seen = -1
    while seen != service.questions.count {
      seen = service.questions.count
      try await Task.sleep(for: .milliseconds(200))
    }
    #expect((1..<total).contains(seen))
    client.startReading()
    let all = await client.everything()
    #expect(all.components(separatedBy: "Content-Length: 1048579\r\n").count == total + 1)
    #expect(all.components(separatedBy: "vv\"\nHTTP/1.1 ").count == total + 1)
    #expect(all.utf8.count > total << 20)
    await gateway.stop()
  }

  @Test("an answer past the most that a connection may owe ends it, and others are served on")
  func pastMaximum() async throws {
    var limits = ListenerLimits()
    limits.outputMaximum = 100_000
    let service = RememberingService(SecretBytes(String(repeating: "v", count: 100_000)))
    let gateway = try PlainGateway(service, limits: limits)
    for _ in 0..<3 {
      let client = try RawClient(port: gateway.port)
      client.send(Self.post() + Self.post())
      #expect(await client.everything().isEmpty)
    }
    #expect(service.questions.count == 3)
    let other = try RawClient(port: gateway.port)
    other.send(Self.post("/nowhere"))
    #expect(await other.text(with: "Not Found").hasPrefix("HTTP/1.1 404 Not Found\r\n"))
    await gateway.stop()
  }
}
