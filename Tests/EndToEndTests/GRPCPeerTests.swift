import FederationAPI
import FederationProto
import Foundation
import TestSupport
import Testing

/// gRPC as programs of another make see it.
@Suite struct GRPCPeerTests {
  @Test("grpcio fetches secrets as every other client does, and finds health and reflection")
  func secrets() async throws {
    let world = try await ConformanceWorld.shared.value
    let token = try world.token()
    let answers = try await GRPCPeer.run([
      String(world.grpcServer.address.port), world.ca.certificateFile, token, token, token,
    ])
    for name in ["get", "get again", "get gzip"] { #expect(answers[name] == "\"s3cret\"") }
    for name in ["get nobody", "authenticate binds nothing"] {
      #expect(answers[name] == "UNAUTHENTICATED Unauthorized")
    }
    #expect(answers["get missing"] == "NOT_FOUND no secret \"100% ä\" in store \"app\"")
    #expect(
      answers["get large"]?.hasPrefix("RESOURCE_EXHAUSTED message of ") == true
        && answers["get large"]?.hasSuffix(" bytes is too large, at most 4194304") == true)
    #expect(answers["authenticate"] == "\"system:serviceaccount:apps:app\"")
    #expect(answers["batch"] == "[\"s3cret\",\"Not Found\"]")
    #expect(answers["health"] == "1")
    #expect(answers["health unknown"] == "NOT_FOUND unknown service")
    for version in ["v1", "v1alpha"] {
      #expect(answers["reflection \(version)"] == "[4,\"federation/v1/federation.proto\"]")
    }
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

  @Test("h2load: 20,000 calls on one connection, 100 at once, each answered with the secret")
  func load() async throws {
    let world = try await ConformanceWorld.shared.value
    let asked = GetSecretRequest(store: "app", name: "password", caCertificates: world.ca.certificatePEM)
    let request = try asked.protobuf()
    let directory = try TemporaryDirectory()
    let length = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: request.count >> $0) }
    let body = try directory.write([0] + length + request, to: "request")
    let load = try ChildProgram(
      path: "/usr/bin/h2load",
      arguments: [
        "-n", "20000", "-c", "1", "-m", "100", "-d", body, "-H", "content-type: application/grpc", "-H", "te: trailers",
        "-H", "authorization: Bearer \(try world.token())",
        "https://127.0.0.1:\(world.grpcServer.address.port)/federation.v1.FederationService/GetSecret",
      ])
    #expect(await load.wait() == .status(0))
    let text = load.stdout.text
    #expect(text.contains("20000 succeeded, 0 failed, 0 errored, 0 timeout"), "\(text)")
    // Five bytes before a message, two before a value, and six of "s3cret".
    #expect(text.contains("(\(20_000 * 13)) data"), "\(text)")
    withExtendedLifetime(directory) {}
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
