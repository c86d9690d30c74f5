import Glibc
import TestSupport
import Testing

@Suite struct ChildProgramTests {
  @Test("collects both outputs, feeds stdin and gives the exit status")
  func outputsAndStatus() async throws {
    let child = try ChildProgram(
      path: "/bin/sh", arguments: ["-c", "cat; echo \"$GREETING\" >&2; exit 7"], environment: ["GREETING": "hello"],
      stdin: Array(repeating: UInt8(ascii: "x"), count: 300_000))
    #expect(await child.wait() == .status(7))
    #expect(child.stdout.bytes == Array(repeating: UInt8(ascii: "x"), count: 300_000))
    #expect(child.stderr.text == "hello\n")
  }

  @Test("hands out a line while the program runs, then delivers a signal")
  func lineThenSignal() async throws {
    let child = try ChildProgram(path: "/bin/sh", arguments: ["-c", "echo starting; echo ready 42; exec sleep 600"])
    #expect(try await child.stdout.waitForLine(prefix: "ready ") == "ready 42")
    child.signal(SIGTERM)
    #expect(await child.wait() == .signal(SIGTERM))
  }

  @Test("kills a program that does not end in time")
  func endless() async throws {
    let child = try ChildProgram(path: "/bin/sh", arguments: ["-c", "exec sleep 600"])
    #expect(await child.wait(timeoutSeconds: 0.1) == .signal(SIGKILL))
  }

  @Test("says so when the line never comes")
  func missingLine() async throws {
    let child = try ChildProgram(path: "/bin/sh", arguments: ["-c", "echo other"])
    await #expect(throws: ChildProgramError.self) { try await child.stdout.waitForLine(prefix: "ready") }
    #expect(await child.wait() == .status(0))
  }

  @Test("finds the programs that this package builds")
  func products() async throws {
    let server = try ChildProgram(product: "federation-server", arguments: ["--no-such-flag"])
    guard case .status = await server.wait() else {
      Issue.record("the program did not exit by itself")
      return
    }
  }
}
