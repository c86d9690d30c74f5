import FederationAPI
import TestSupport
import Testing

@testable import FederationClient

@Suite struct TokenSourceTests {
  @Test("a file is read anew each time, without the white space around the token")
  func rotation() async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("first\n", to: "token")
    let source = TokenSource.file(path)
    #expect(try await source.token() == "first")
    _ = try directory.write(" \n second \r\n", to: "token")
    #expect(try await source.token() == "second")
  }

  @Test(
    "a token that could split a header is refused and not shown",
    arguments: ["a b", "a\r\nx: y", "ä", "a\u{0}b", " ", ""])
  func refusals(token: String) async {
    let error = await #expect(throws: RPCError.self) { try await TokenSource.fixed(token).token() }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.contains("x: y") == false)
  }

  @Test("a missing file is named, and a file past the limit is not read on")
  func files() async throws {
    let directory = try TemporaryDirectory()
    func unusable(_ message: String) -> RPCError {
      RPCError(.failedPrecondition, message, credentialProblem: .fileUnusable)
    }
    await #expect(throws: unusable("there is no token file \(directory.path)/none")) {
      try await TokenSource.file(directory.path + "/none").token()
    }
    let atLimit = String(repeating: "t", count: Limits.token)
    #expect(try await TokenSource.file(directory.write(atLimit, to: "full")).token() == atLimit)
    let path = try directory.write(atLimit + "t", to: "long")
    await #expect(throws: unusable("the token file \(path) is longer than 16384 bytes")) {
      try await TokenSource.file(path).token()
    }
    await #expect(throws: RPCError.self) { try await TokenSource.file("/dev/zero").token() }
  }
}
