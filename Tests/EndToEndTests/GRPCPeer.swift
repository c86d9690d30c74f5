import JSON
import TestSupport

/// Tests/GRPCPeer, programs around grpcio with stubs that they make of our proto.
enum GRPCPeer {
  /// The answers of a run by the names of the questions: values, or `CODE details`.
  static func run(_ arguments: [String]) async throws -> [String: String] {
    var answers: [String: String] = [:]
    for answer in try await PythonPeer.run("Tests/GRPCPeer/peer.py", arguments) {
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
