import JSON
import TestSupport
import Testing

/// RFC 9113 and gRPC over HTTP/2, rule by rule: Tests/HTTP2Peer breaks each on a connection of its own, over TLS.
@Suite(.timeLimit(.minutes(2))) struct HTTP2ConformanceTests {
  @Test("what RFC 9113 and gRPC forbid is met as they say, and what is like it and legal is served")
  func rules() async throws {
    let world = try await ConformanceWorld.shared.value
    let cases = try await PythonPeer.run(
      "Tests/HTTP2Peer/conformance.py", [String(world.grpcServer.address.port), world.ca.certificateFile])
    for one in cases {
      let (name, problem) = (one["name"]?.string ?? "", one["problem"]?.string ?? "no verdict")
      #expect(problem.isEmpty, "\(name): \(problem)")
    }
    let connectionErrors = cases.count { $0["expected"]?.string?.hasPrefix("GOAWAY") == true }
    print("HTTP/2 conformance: \(cases.count) cases, \(connectionErrors) of them connection errors")
    #expect(connectionErrors >= 60)
    #expect(cases.count >= 180)
  }

  @Test("a verdict tells another code, a reset, an answer and silence apart")
  func verdicts() async throws {
    let world = try await ConformanceWorld.shared.value
    let verdicts = try await PythonPeer.run(
      "Tests/HTTP2Peer/verdicts.py", [String(world.grpcServer.address.port), world.ca.certificateFile])
    for one in verdicts {
      #expect(one["seen"]?.string == one["made"]?.string, "\(one["name"]?.string ?? "")")
    }
    #expect(verdicts.count == 6)
  }

  @Test("the library h2, which holds a server to the protocol, finds nothing to object to")
  func strictClient() async throws {
    let world = try await ConformanceWorld.shared.value
    let answers = try await PythonPeer.run(
      "Tests/HTTP2Peer/strict_client.py", [String(world.grpcServer.address.port), world.ca.certificateFile])
    #expect(answers.map { $0["status"]?.string } == Array(repeating: "401", count: 20) + ["200"])
    #expect(answers.last?["grpc-status"]?.string == "16")
  }
}
