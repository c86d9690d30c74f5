import Foundation
import JSON

/// A stand-in for a SPIFFE agent, Tests/WorkloadAPIPeer/agent.py, which pushes what a test tells it to.
public final class WorkloadAPIAgent: Sendable {
  /// What the agent gives.
  public enum Answer: Sendable {
    /// SVIDs with their IDs and, in DER, the bundle of their trust domain; and bundles by the SPIFFE IDs of others.
    case svids([(id: String, svid: TestCertificateAuthority.IssuedSVID, bundle: [UInt8])], federated: [String: [UInt8]])
    /// A status, such as `PERMISSION_DENIED`, which ends every call.
    case refusal(String)
  }

  private static let script = "Tests/WorkloadAPIPeer/agent.py"

  /// Path of the socket.
  public let socket: String
  /// The agent's process.
  public let child: ChildProgram
  private let directory: TemporaryDirectory

  /// Starts an agent that gives `answer`; `socket` is where, nil for a place of its own.
  public init(_ answer: Answer, at socket: String? = nil) async throws {
    directory = try TemporaryDirectory()
    self.socket = socket ?? directory.path + "/agent.sock"
    let file = try Self.write(answer, to: directory)
    child = try await PythonPeer.start(Self.script, [self.socket, file])
    _ = try await child.stdout.waitForLine(containing: "ready", timeoutSeconds: 120)
  }

  /// Pushes `answer` to all who listen.
  public func push(_ answer: Answer) throws {
    _ = try Self.write(answer, to: directory)
    child.signal(SIGHUP)
  }

  private static func write(_ answer: Answer, to directory: TemporaryDirectory) throws -> String {
    var members: [JSONName: JSONValue] = [:]
    switch answer {
    case .refusal(let code): members["code"] = .string(code)
    case .svids(let svids, let federated):
      members["svids"] = .array(
        svids.map { entry in
          .object([
            "id": .string(entry.id), "svid": base64(Array(entry.svid.der.joined())),
            "key": base64(entry.svid.keyDER), "bundle": base64(entry.bundle),
          ])
        })
      members["federated"] = .object(
        Dictionary(uniqueKeysWithValues: federated.map { (JSONName($0.key), base64($0.value)) }))
    }
    return try directory.write(JSONValue.object(members).encoded(), to: "answer.json")
  }

  private static func base64(_ bytes: [UInt8]) -> JSONValue { .string(Data(bytes).base64EncodedString()) }
}
