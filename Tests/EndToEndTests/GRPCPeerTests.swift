import FederationAPI
import FederationProto
import Foundation
import TestSupport
import Testing

/// gRPC as programs of another make see it.
@Suite struct GRPCPeerTests {
  @Test("grpcio fetches secrets as every other client does, within the same limits")
  func secrets() async throws {
    let answers = try await Self.answers.value
    for name in ["get", "get again", "get gzip", "after both", "metadata", "reflection call"] {
      #expect(answers[name] == "\"s3cret\"", "\(name)")
    }
    for name in ["get nobody", "authenticate binds nothing"] {
      #expect(answers[name] == "UNAUTHENTICATED Unauthorized")
    }
    #expect(answers["get missing"] == "NOT_FOUND no secret \"100% ä\" in store \"app\"")
    // A message may have 4 MiB; the field that fills it may not.
    #expect(answers["get largest"]?.hasPrefix("RESOURCE_EXHAUSTED request too large: ca_crt is ") == true)
    #expect(
      answers["get too large by a byte"]
        == "RESOURCE_EXHAUSTED message of 4194305 bytes is too large, at most 4194304")
    #expect(answers["get large"]?.hasPrefix("RESOURCE_EXHAUSTED message of 50000") == true)
    #expect(answers["authenticate"] == "\"system:serviceaccount:apps:app\"")
    #expect(answers["batch"] == "[\"s3cret\",\"Not Found\"]")
    #expect(answers["resolve"] == "{\"made\":\"s3cret\"}")
  }

  @Test("grpcio's metadata, deadlines and cancellation are understood")
  func callOptions() async throws {
    let answers = try await Self.answers.value
    #expect(answers["metadata twice"] == "INVALID_ARGUMENT bad request: more than one authorization")
    #expect(answers["metadata too large"] == "RESOURCE_EXHAUSTED the call's metadata is too large")
    // What belongs to the wire, grpcio keeps to itself.
    #expect(answers["metadata received"] == "[{},{},\"OK\",\"s3cret\"]")
    #expect(answers["deadline"]?.hasPrefix("DEADLINE_EXCEEDED") == true)
    #expect(answers["cancelled"] == "CANCELLED ")
  }

  @Test("grpcio-health-checking sees the server and its services serve")
  func health() async throws {
    let answers = try await Self.answers.value
    for name in ["health", "health of a service", "health watched"] { #expect(answers[name] == "\"SERVING\"") }
    #expect(answers["health unknown"] == "NOT_FOUND unknown service")
    #expect(answers["health watched unknown"] == "\"SERVICE_UNKNOWN\"")
  }

  @Test("grpcio-reflection builds the whole service from what the server tells of it, and calls it")
  func reflection() async throws {
    let answers = try await Self.answers.value
    #expect(
      answers["reflection services"]
        == "[\"federation.v1.FederationService\",\"grpc.health.v1.Health\","
        + "\"grpc.reflection.v1.ServerReflection\",\"grpc.reflection.v1alpha.ServerReflection\"]")
    #expect(answers["reflection methods"] == "true")
    #expect(answers["reflection unknown"] == "\"none\"")
  }

  /// What one run of the peer was answered.
  private static let answers = Task {
    let world = try await ConformanceWorld.shared.value
    let token = try world.token()
    return try await GRPCPeer.run([
      String(world.grpcServer.address.port), world.ca.certificateFile, token, token, token,
    ])
  }

  @Test("a drain: Watch tells NOT_SERVING, and a call whose request was half here is answered")
  func drain() async throws {
    let served = try await ServedFederation.start()
    let peer = try await PythonPeer.start(
      "Tests/GRPCPeer/drain.py",
      [String(served.port), served.authority.certificateFile, served.token, "fake", "key-1"])
    _ = try await peer.stdout.waitForLine(prefix: "watch SERVING", timeoutSeconds: 60)
    served.terminate()
    #expect(await served.exit() == .status(0))
    #expect(await peer.wait() == .status(0), "\(peer.stderr.text)")
    #expect(
      peer.stdout.text.split(separator: "\n") == [
        "check SERVING", "watch SERVING", "watch NOT_SERVING", "watch UNAVAILABLE",
        "in flight \(ServedFederation.value(of: "key-1"))",
      ])
    await served.issuer.stop()
  }

  @Test("grpcio watches a secret: its value, a fresh token in the stream, a change, and an end of its own will")
  func watch() async throws {
    let world = try await WatchWorld()
    let peer = try await PythonPeer.start(
      "Tests/GRPCPeer/watch.py",
      [String(world.server.address.port), world.certificateFile, world.token(), world.token(), "app", "key"])
    _ = try await peer.stdout.waitForLine(prefix: "current", timeoutSeconds: 60)
    try world.reload(value: "second")
    #expect(await peer.wait() == .status(0), "\(peer.stderr.text)")
    #expect(
      peer.stdout.text.split(separator: "\n") == [
        "current 0 first", "changed 0 second True", "watch CANCELLED", "alone second",
      ])
    await world.stop()
  }

  @Test("grpcio has a credential made and taken back")
  func generators() async throws {
    let world = try await GeneratorWorld.shared.value
    let token = try world.token()
    let answers = try await GRPCPeer.run([
      String(world.server.address.port), world.ca.certificateFile, token, token, world.token("operator"),
    ])
    #expect(answers["generate"] == "20")
    #expect(answers["revoke self"] == "\"\"")
    #expect(answers["revoke credentials"] == "\"\"")
    #expect(answers["get"] == "PERMISSION_DENIED Not Found")
  }

  @Test("past the connection limit, a gRPC client is told so")
  func refusal() async throws {
    let world = try await RefusalWorld.start()
    let held = try await world.connect()
    #expect(try await world.ask(held) == .unauthenticated)
    let refused = try await world.connect()
    #expect(try await world.ask(refused).code == .resourceExhausted)
    #expect(try await world.ask(held) == .unauthenticated)
    await world.stop()
  }
}
