import FederationAPI
import Foundation
import Gateway
import Logging
import TestSupport
import Testing

/// The gateway as a program of another make sees it: curl, over TLS.
@Suite(.timeLimit(.minutes(1))) struct GatewayOverTLSTests {
  private let service = FakeFederationService()
  private let server: HTTPSServer

  init() throws {
    server = try HTTPSServer(responder: FederationGateway(service: service, log: Log(level: .error)))
  }

  /// Runs curl and gives what it printed: the answer's head and body.
  private func curl(_ arguments: [String], path: String = "/secretstore/S/secrets/K") async throws -> String {
    let authority = try #require(server.authority)
    let child = try ChildProgram(
      path: "/usr/bin/curl",
      arguments: [
        "--silent", "--show-error", "--include", "--path-as-is", "--max-time", "20", "--cacert",
        authority.certificateFile,
      ] + arguments + [server.url + path])
    #expect(await child.wait() == .status(0), "\(child.stderr.text)")
    return child.stdout.text
  }

  private static let authorization = ["-H", "Authorization: Bearer t"]
  private static let body = ["-d", "{\"ca.crt\":\"QUJD\"}"]
  private static let call = FakeFederationService.Call.getSecret(store: "S", name: "K", Array("ABC".utf8))

  @Test("the documented call gets the documented answer")
  func post() async throws {
    let answer = try await curl(["-X", "POST"] + Self.authorization + Self.body)
    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(answer.contains("\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"))
    #expect(answer.hasSuffix("\r\nContent-Length: 9\r\n\r\n\"s3cret\"\n"))
    #expect(service.calls == [Self.call])
    #expect(service.contexts.first?.authorization == "Bearer t")
  }

  @Test("a chunked body is read")
  func chunked() async throws {
    let answer = try await curl(["-H", "Transfer-Encoding: chunked"] + Self.authorization + Self.body)
    #expect(answer.hasSuffix("\"s3cret\"\n"))
    #expect(service.calls == [Self.call])
  }

  @Test("a client that waits for 100 Continue gets it")
  func expectContinue() async throws {
    let answer = try await curl(["-H", "Expect: 100-continue"] + Self.authorization + Self.body)
    #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"))
    #expect(answer.hasSuffix("\"s3cret\"\n"))
  }

  @Test("HEAD and OPTIONS are other methods: 405 with Allow, after authentication")
  func otherMethods() async throws {
    let head = try await curl(["--head"] + Self.authorization)
    #expect(head.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"))
    #expect(head.contains("\r\nAllow: POST\r\nContent-Length: 33\r\n\r\n"))
    #expect(head.hasSuffix("\r\n\r\n"))
    let options = try await curl(["-X", "OPTIONS"] + Self.authorization)
    #expect(options.contains("\r\nAllow: POST\r\n"))
    #expect(options.hasSuffix("{\"message\":\"Method Not Allowed\"}\n"))
    #expect(service.calls == [.verify([]), .verify([])])
  }

  @Test("several requests share a connection")
  func keepAlive() async throws {
    let one = server.url + "/secretstore/S/secrets/a%2Fb"
    let answer = try await curl(
      ["-X", "POST", "--write-out", "connects %{num_connects}\n"] + Self.authorization + Self.body + [one, one])
    #expect(answer.components(separatedBy: "\"s3cret\"\n").count == 4)
    #expect(answer.components(separatedBy: "connects 0\n").count == 3)
    #expect(service.calls.first == .getSecret(store: "S", name: "a/b", Array("ABC".utf8)))
  }

  @Test(
    "D23: a body past the limit is 413, whether its length is stated or not",
    arguments: [[], ["-H", "Transfer-Encoding: chunked"]])
  func hugeBody(fields: [String]) async throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write([UInt8](repeating: 0x20, count: 5_000_000), to: "huge")
    let answer = try await curl(["--data-binary", "@\(file)"] + fields + Self.authorization)
    #expect(answer.contains("HTTP/1.1 413 Content Too Large\r\n"))
    #expect(answer.contains("Connection: close\r\n"))
    #expect(answer.hasSuffix("\"request too large: the body may hold 98304 bytes\"\n"))
    #expect(service.calls.isEmpty)
  }
}
