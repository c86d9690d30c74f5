import Foundation
import TestSupport

/// Tests/GoPeer, a program around containerd's own ttrpc client.
enum GoPeer {
  /// What one run said.
  struct Answer: Equatable {
    var exit: ChildProgram.Exit
    var stdout: String
    var stderr: String
  }

  /// The program's path, built once for all tests.
  private static let program = Task {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
      .standardizedFileURL.path
    let output = ChildProgram.productsDirectory + "/go-peer"
    let build = try ChildProgram(path: root + "/scripts/build-go-peer.sh", arguments: [output])
    guard await build.wait(timeoutSeconds: 600) == .status(0) else {
      throw TestSupportError("scripts/build-go-peer.sh: \(build.stderr.text)")
    }
    return output
  }

  /// Asks `federation` with `token`, nil for none, for `secret` of `store`.
  static func ask(
    _ federation: RunningFederation, token: String?, store: String = "app", secret: String = "password",
    _ more: [String] = []
  ) async throws -> Answer {
    let directory = try TemporaryDirectory()
    try directory.write(federation.ca.certificatePEM, to: "ca.crt")
    var arguments = [
      "-addr", "127.0.0.1:\(federation.server.address.port)", "-ca", directory.path + "/ca.crt",
      "-ca-crt", directory.path + "/ca.crt", "-store", store, "-name", secret,
    ]
    if let token {
      try directory.write(token, to: "token")
      arguments += ["-token-file", directory.path + "/token"]
    }
    let peer = try ChildProgram(path: try await program.value, arguments: arguments + more)
    let exit = await peer.wait()
    // The peer reads its files in there.
    return withExtendedLifetime(directory) { Answer(exit: exit, stdout: peer.stdout.text, stderr: peer.stderr.text) }
  }
}
