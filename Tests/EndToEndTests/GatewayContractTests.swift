import Foundation
import TestSupport
import Testing

/// Status, body and content type as docs/PROTOCOL.md has them, asked with curl: a client that shares no code with us.
@Suite struct GatewayContractTests {
  private struct Answer: Equatable {
    var status: String
    var contentType: String
    var body: String
  }

  private struct Call {
    var method = "POST"
    var path = "/secretstore/app/secrets/password"
    var headers: [String] = []
    var body: String?
  }

  /// The answer over HTTP/1.1, which that over HTTP/2 must be too.
  private func curl(_ call: Call, token: String? = nil) async throws -> Answer {
    let answer = try await curl(call, token: token, "--http1.1")
    #expect(try await curl(call, token: token, "--http2") == answer)
    return answer
  }

  /// The token is put into the headers, and the documented body sent, unless the call has its own.
  private func curl(_ call: Call, token: String?, _ version: String) async throws -> Answer {
    let world = try await ConformanceWorld.shared.value
    let body = call.body ?? "{\"ca.crt\":\"\(Data(world.ca.certificatePEM).base64EncodedString())\"}"
    let headers = call.headers + (token.map { ["Authorization: Bearer \($0)"] } ?? [])
    let child = try ChildProgram(
      path: "/usr/bin/curl",
      arguments: [
        "-sS", version, "--max-time", "60", "--path-as-is", "--cacert", world.ca.certificateFile, "-X", call.method,
        "--data-binary", body, "-w", "%{stderr}%{http_code} %header{content-type}",
        "https://localhost:\(world.httpServer.address.port)\(call.path)",
      ] + headers.flatMap { ["-H", $0] })
    #expect(await child.wait() == .status(0), "\(child.stderr.text)")
    let words = child.stderr.text.split(separator: " ", maxSplits: 1).map(String.init)
    return Answer(status: words.first ?? "", contentType: words.last ?? "", body: child.stdout.text)
  }

  private func goodToken() async throws -> String { try await ConformanceWorld.shared.value.token() }

  @Test("200: a bare JSON string and a newline")
  func value() async throws {
    let answer = try await curl(Call(), token: goodToken())
    #expect(answer == Answer(status: "200", contentType: "application/json", body: "\"s3cret\"\n"))
  }

  @Test("200: markup is escaped as the documented server does")
  func escapes() async throws {
    let answer = try await curl(Call(path: "/secretstore/app/secrets/markup"), token: goodToken())
    let body = "\"\\u003ca href='x'\\u003eR\\u0026D\\u003c/a\\u003e\"\n"
    #expect(answer == Answer(status: "200", contentType: "application/json", body: body))
  }

  @Test("200: an escaped slash belongs to the key, and what is escaped twice is decoded once")
  func pathSegments() async throws {
    let slash = try await curl(Call(path: "/secretstore/app/secrets/team%2Fdb%2fpassword"), token: goodToken())
    #expect(slash == Answer(status: "200", contentType: "application/json", body: "\"by path\"\n"))
    let twice = try await curl(Call(path: "/secretstore/app/secrets/team%252Fdb"), token: goodToken())
    #expect(twice == Answer(status: "200", contentType: "application/json", body: "\"by literal percent\"\n"))
  }

  @Test("400: a missing key")
  func missingKey() async throws {
    let answer = try await curl(Call(path: "/secretstore/app/secrets/nothing"), token: goodToken())
    let body = "\"no secret \\\"nothing\\\" in store \\\"app\\\"\"\n"
    #expect(answer == Answer(status: "400", contentType: "application/json", body: body))
  }

  @Test("400: a malformed x-workload-token")
  func workloadToken() async throws {
    let answer = try await curl(Call(headers: ["x-workload-token: garbage"]), token: goodToken())
    #expect(answer.status == "400")
    #expect(answer.contentType == "application/json")
    #expect(answer.body.hasPrefix("\"invalid x-workload-token: failed to parse x-workload-token: "))
    #expect(answer.body.hasSuffix("\"\n"))
  }

  @Test("401: no token, a bad token, and a ca.crt that is not base64 in a cluster whose keys are not here yet")
  func unauthorized() async throws {
    let unauthorized = Answer(status: "401", contentType: "application/json", body: "\"Unauthorized\"\n")
    #expect(try await curl(Call()) == unauthorized)
    #expect(try await curl(Call(), token: "garbage") == unauthorized)
    let token = try await ConformanceWorld.shared.value.token(cluster: "cold-3")
    #expect(try await curl(Call(body: "{\"ca.crt\":\"%%%\"}"), token: token) == unauthorized)
  }

  @Test("404: a bare string when nothing is granted")
  func notGranted() async throws {
    let answer = try await curl(Call(path: "/secretstore/other/secrets/password"), token: goodToken())
    #expect(answer == Answer(status: "404", contentType: "application/json", body: "\"Not Found\"\n"))
  }

  @Test("404: an object for a path that is no route, but 401 before that")
  func unknownPath() async throws {
    let known = try await curl(Call(path: "/nowhere"), token: goodToken())
    #expect(known == Answer(status: "404", contentType: "application/json", body: "{\"message\":\"Not Found\"}\n"))
    #expect(try await curl(Call(path: "/nowhere")).status == "401")
  }

  @Test("405: an object for another method, but 401 before that")
  func otherMethod() async throws {
    let known = try await curl(Call(method: "PUT"), token: goodToken())
    let body = "{\"message\":\"Method Not Allowed\"}\n"
    #expect(known == Answer(status: "405", contentType: "application/json", body: body))
    #expect(try await curl(Call(method: "PUT")).status == "401")
  }
}
