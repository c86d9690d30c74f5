import TestSupport
import Testing

/// The ttrpc wire as a client sees it that is not ours: containerd's, in Go, over `tls.Dial`.
@Suite struct GoPeerTests {
  @Test("containerd's client gets the secret")
  func secretArrives() async throws {
    let world = try await RunningFederation()
    let answer = try await GoPeer.ask(world, token: try world.token())
    #expect(answer == GoPeer.Answer(exit: .status(0), stdout: "s3cret", stderr: ""))
    await world.stop()
  }

  @Test("it binds its token to the connection and then calls without one")
  func tokenIsBound() async throws {
    let world = try await RunningFederation()
    let answer = try await GoPeer.ask(world, token: try world.token(), ["-authenticate"])
    #expect(answer == GoPeer.Answer(exit: .status(0), stdout: "s3cret", stderr: ""))
    await world.stop()
  }

  @Test("a hundred callers on one connection all get every answer")
  func callsAreMultiplexed() async throws {
    let world = try await RunningFederation()
    let answer = try await GoPeer.ask(world, token: try world.token(), ["-concurrency", "100", "-calls", "50"])
    #expect(answer == GoPeer.Answer(exit: .status(0), stdout: "s3cret", stderr: ""))
    await world.stop()
  }

  @Test("it hears the canonical code and the text of a refusal")
  func refusalsAreUnderstood() async throws {
    let world = try await RunningFederation()
    let token = try world.token()
    let anonymous = try await GoPeer.ask(world, token: nil)
    #expect(anonymous == GoPeer.Answer(exit: .status(1), stdout: "", stderr: "UNAUTHENTICATED: Unauthorized\n"))
    let elsewhere = try await GoPeer.ask(world, token: token, store: "elsewhere")
    #expect(elsewhere == GoPeer.Answer(exit: .status(1), stdout: "", stderr: "PERMISSION_DENIED: Not Found\n"))
    let missing = try await GoPeer.ask(world, token: token, secret: "nothing")
    #expect(
      missing
        == GoPeer.Answer(
          exit: .status(1), stdout: "", stderr: "NOT_FOUND: no secret \"nothing\" in store \"app\"\n"))
    await world.stop()
  }
}
