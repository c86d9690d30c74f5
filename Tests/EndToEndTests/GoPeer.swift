import Foundation
import TestSupport

/// Tests/GoPeer and Tests/GoGRPCPeer, programs around containerd's own ttrpc client and Go's own gRPC.
enum GoPeer {
  /// Which of the two.
  enum Wire: String { case ttrpc, grpc }

  /// What one run said.
  struct Answer: Equatable {
    var exit: ChildProgram.Exit
    var stdout: String
    var stderr: String
  }

  /// The programs' paths, each built once for all tests.
  private static let ttrpc = Task { try await build(.ttrpc) }
  private static let grpc = Task { try await build(.grpc) }

  private static func build(_ wire: Wire) async throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
      .standardizedFileURL.path
    let output = "\(ChildProgram.productsDirectory)/go-\(wire)-peer"
    let build = try ChildProgram(path: "\(root)/scripts/build-go-peer.sh", arguments: [wire.rawValue, output])
    guard await build.wait(timeoutSeconds: 600) == .status(0) else {
      throw TestSupportError("scripts/build-go-peer.sh \(wire): \(build.stderr.text)")
    }
    return output
  }

  /// Asks `federation` with `token`, nil for none, for `secret` of `store`.
  static func ask(
    _ federation: RunningFederation, token: String?, store: String = "app", secret: String = "password",
    _ more: [String] = [], over wire: Wire = .ttrpc
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
    let program = wire == .ttrpc ? ttrpc : grpc
    let peer = try ChildProgram(path: try await program.value, arguments: arguments + more)
    let exit = await peer.wait()
    // The peer reads its files in there.
    return withExtendedLifetime(directory) { Answer(exit: exit, stdout: peer.stdout.text, stderr: peer.stderr.text) }
  }
}
