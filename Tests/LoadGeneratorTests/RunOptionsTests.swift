import Testing

@testable import LoadGenerator

@Suite struct RunOptionsTests {
  private static let needed = ["--target", "127.0.0.1:8443", "--ca", "c", "--tokens", "t"]

  @Test("flags are read, with = or without")
  func flags() throws {
    let options = try RunOptions(
      arguments: Self.needed + [
        "--wire=http", "--connections", "16", "--in-flight=32", "--mode", "open", "--rate", "5e4", "--value-sizes",
        "64:9,4096:1", "--keys=100", "--server-pid", "12", "--key-distribution", "zipf", "--progress",
      ])
    #expect(options.host == "127.0.0.1" && options.port == 8_443)
    #expect(options.wire == .http && options.connections == 16 && options.inFlight == 32)
    #expect(options.mode == .open && options.rate == 50_000)
    #expect(options.values.size(of: 9) == 4_096 && options.keys == 100 && options.distribution == .zipf)
    #expect(options.serverPID == 12 && options.showsProgress)
    #expect(try RunOptions(arguments: Self.needed + ["--mix", "get=3,authenticate=1"]).authenticatePercent == 25)
    #expect(try RunOptions(arguments: ["--target=a:1", "--ca=c", "--handshakes"]).measuresHandshakes)
  }

  @Test(
    "what makes no sense is told, and what would",
    arguments: [
      (["--target", "x"], "--target must be HOST:PORT"), (["--target=:1"], "--target must be HOST:PORT"),
      (["--connections", "0"], "--connections must be a whole number from 1 to 100000, not \"0\""),
      (["--rate", "5"], "--rate and --mode open need each other"),
      (["--mode", "open"], "--rate and --mode open need each other"),
      (["--mode", "half"], "--mode must be one of closed, open, not \"half\""),
      (["--wire", "h3"], "--wire must be one of ttrpc, grpc, http"),
      (["--wire", "http", "--identity", "bound"], "--identity bound needs --wire ttrpc"),
      (["--wire", "http", "--mix", "authenticate=1"], "--mix with authenticate needs --wire ttrpc or grpc"),
      (["--wire", "grpc", "--identity", "bound"], "--identity bound needs --wire ttrpc"),
      (["--identity", "bound", "--tokens-per-connection", "all"], "needs --identity token"),
      (["--mix", "get"], "--mix must be like"), (["--mix", "get=0"], "--mix asks for nothing"),
      (["--new-tokens", "5"], "--new-tokens and --fresh-tokens need each other"),
      (["--value-sizes", "64:x"], "--value-sizes: value sizes are"),
      (["--value-size=1", "--value-sizes=2"], "not both"),
      (["--handshakes", "--idle", "3"], "--handshakes makes no calls"),
      (["--progress=1"], "--progress takes no value"), (["--speed", "1"], "unknown flag --speed"),
      (["fast"], "unexpected word \"fast\""), (["--seed"], "--seed needs a value"), (["--ca="], "--ca is required"),
    ])
  func errors(words: [String], message: String) {
    do {
      _ = try RunOptions(arguments: Self.needed + words)
      Issue.record("\(words) were taken")
    } catch {
      #expect(error.description.contains(message), "\(error)")
    }
  }

  @Test("nothing is guessed that must be given")
  func required() {
    #expect(throws: UsageError("--target is required")) { try RunOptions(arguments: []) }
    #expect(throws: UsageError("--tokens is required")) { try RunOptions(arguments: ["--target=a:1", "--ca=c"]) }
  }
}
