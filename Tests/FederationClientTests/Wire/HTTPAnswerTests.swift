import FederationAPI
import HTTPClient
import Testing

@testable import FederationClient

@Suite struct HTTPAnswerTests {
  private let server: ServerAddress

  init() throws { server = try ServerAddress(parsing: "https://fed.example") }

  private func read(_ status: Int, _ body: String) throws(RPCError) -> SecretBytes {
    try HTTPAnswer.secret(HTTPResponse(status: status, body: Array(body.utf8)), from: server)
  }

  @Test(
    "a bare JSON string is the value",
    arguments: [
      ("\"v\"\n", "v"), ("\"\"", ""), (" \"a\\u003cb\\n\\ud83d\\udd11\" ", "a<b\n🔑"), ("\"\\u0000\"", "\u{0}"),
    ])
  func value(body: String, text: String) throws {
    #expect(try read(200, body) == SecretBytes(text))
  }

  @Test(
    "a 200 that holds no string names the server and never the body",
    arguments: [
      "", "hunter2", "{\"value\":\"hunter2\"}", "[\"hunter2\"]", "null", "\"hunter2", "\"hunter2\" x", "\"\\ud800\"",
    ])
  func malformed(body: String) {
    let error = #expect(throws: RPCError.self) { try read(200, body) }
    #expect(error?.code == .internal)
    #expect(error?.message.contains("https://fed.example:443") == true)
    #expect(error?.message.contains("hunter2") == false)
  }

  @Test(
    "a status is the code that the RPC wire would have given",
    arguments: [
      (400, "\"bad base64\"", RPCError(.invalidArgument, "bad base64")),
      (401, "\"Unauthorized\"", .unauthenticated), (401, "<html>", .unauthenticated),
      (404, "\"Not Found\"", .notAuthorized), (409, "\"again\"", RPCError(.aborted, "again")),
      (413, "\"too large\"", RPCError(.resourceExhausted, "too large")),
      (500, "\"failed\"", RPCError(.internal, "failed")), (501, "\"no\"", RPCError(.unimplemented, "no")),
      (503, "\"later\"", RPCError(.unavailable, "later")), (504, "\"late\"", RPCError(.deadlineExceeded, "late")),
      (
        404, "{\"message\":\"Not Found\"}",
        RPCError(.unimplemented, "https://fed.example:443 has no such path: check the server URL")
      ), (418, "\"teapot\"", RPCError(.unknown, "https://fed.example:443 answered HTTP 418")),
    ])
  func errors(status: Int, body: String, error: RPCError) {
    #expect(throws: error) { try read(status, body) }
  }

  @Test("429 says when to ask again, in whole seconds", arguments: [("7", 7.0), ("0", 0), ("-1", nil), ("Fri", nil)])
  func retryAfter(text: String, seconds: Double?) throws {
    let response = HTTPResponse(
      status: 429, headers: [(name: "retry-after", value: text)], body: Array("\"later\"".utf8))
    let server = try ServerAddress(parsing: "https://fed.example")
    #expect(throws: RPCError(.resourceExhausted, "later", retryAfterSeconds: seconds)) {
      try HTTPAnswer.secret(response, from: server)
    }
  }

  @Test("a redirect is told, and not where to", arguments: [301, 302, 307, 308])
  func redirect(status: Int) {
    let error = #expect(throws: RPCError.self) { try read(status, "\"https://elsewhere\"") }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.contains("elsewhere") == false)
  }

  @Test("an error's text is bounded and cannot drive a terminal")
  func printable() {
    let error = #expect(throws: RPCError.self) {
      try read(400, "\"\\u001b[2Ja\\u202eb\\n" + String(repeating: "x", count: 1_000) + "\"")
    }
    #expect(error?.message.hasPrefix(" [2Ja b x") == true)
    #expect(error?.message.count == PrintableText.maximumMessage)
  }
}
