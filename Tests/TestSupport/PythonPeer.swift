import Foundation
import JSON

/// Test programs in Python, with the libraries that scripts/make-grpc-venv.sh takes from PyPI.
public enum PythonPeer {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
    .standardizedFileURL.path

  /// The Python that has the libraries, made once.
  private static let python = Task {
    let make = try ChildProgram(path: root + "/scripts/make-grpc-venv.sh")
    guard await make.wait(timeoutSeconds: 600) == .status(0) else {
      throw TestSupportError("scripts/make-grpc-venv.sh: \(make.stderr.text)")
    }
    return make.stdout.text.split(separator: "\n").last.map { $0 + "/bin/python" } ?? ""
  }

  /// Starts the program in the file `script` of the repository.
  public static func start(
    _ script: String, _ arguments: [String], stdin: [UInt8] = []
  ) async throws -> ChildProgram {
    try ChildProgram(path: try await python.value, arguments: [root + "/" + script] + arguments, stdin: stdin)
  }

  /// The lines that a run of the program prints, one JSON object each.
  public static func run(_ script: String, _ arguments: [String], stdin: [UInt8] = []) async throws -> [JSONValue] {
    let peer = try await start(script, arguments, stdin: stdin)
    guard await peer.wait() == .status(0) else { throw TestSupportError("\(script): \(peer.stderr.text)") }
    return try peer.stdout.text.split(separator: "\n").map { try JSONValue.parse(Array($0.utf8)) }
  }
}
