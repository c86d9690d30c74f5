import TestSupport
import Testing

/// The gRPC wire as Go's own client sees it.
@Suite struct GoGRPCPeerTests {
  @Test("Go's gRPC sees the server serve and gets the secret")
  func secretArrives() async throws {
    let world = try await RunningFederation()
    let answer = try await GoPeer.ask(world, token: try world.token(), over: .grpc)
    #expect(answer == GoPeer.Answer(exit: .status(0), stdout: "s3cret", stderr: ""))
    await world.stop()
  }

  @Test("it hears the code and the text of a refusal")
  func refusals() async throws {
    let world = try await RunningFederation()
    let anonymous = try await GoPeer.ask(world, token: nil, over: .grpc)
    #expect(anonymous == GoPeer.Answer(exit: .status(1), stdout: "", stderr: "Unauthenticated: Unauthorized\n"))
    let elsewhere = try await GoPeer.ask(world, token: try world.token(), store: "elsewhere", over: .grpc)
    #expect(elsewhere == GoPeer.Answer(exit: .status(1), stdout: "", stderr: "PermissionDenied: Not Found\n"))
    await world.stop()
  }
}
