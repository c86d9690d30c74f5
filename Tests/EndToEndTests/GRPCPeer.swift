import Foundation
import JSON
import TestSupport

/// Tests/GRPCPeer, a program around grpcio with stubs that it makes of our proto.
enum GRPCPeer {
  /// The answers of a run by the names of the questions: values, or `CODE details`.
  static func run(_ arguments: [String]) async throws -> [String: String] {
    let peer = try await PythonPeer.start("Tests/GRPCPeer/peer.py", arguments)
    guard await peer.wait() == .status(0) else { throw TestSupportError("peer.py: \(peer.stderr.text)") }
    var answers: [String: String] = [:]
    for line in peer.stdout.text.split(separator: "\n") {
      let answer = try JSONValue.parse(Array(line.utf8))
      let name = answer["name"]?.string ?? ""
      if let code = answer["code"]?.string {
        answers[name] = "\(code) \(answer["details"]?.string ?? "")"
      } else {
        answers[name] = answer["value"].map { String(decoding: $0.encoded(), as: UTF8.self) }
      }
    }
    return answers
  }
}
