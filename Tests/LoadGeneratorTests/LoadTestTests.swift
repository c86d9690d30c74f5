import Glibc
import JSON
import TestSupport
import Testing

@testable import LoadGenerator

/// Runs against a real server.
@Suite(.timeLimit(.minutes(1))) struct LoadTestTests {
  @Test(
    "every kind of load is answered rightly",
    arguments: [
      "--wire=ttrpc", "--wire=http", "--wire=http --in-flight=1", "--identity=bound",
      "--mix=get=50,authenticate=50 --tokens-per-connection=all", "--mode=open --rate=400",
      "--mode=open --rate=400 --wire=http", "--new-connections=20", "--new-connections=20 --identity=bound",
      "--new-connections=20 --wire=http", "--wire=grpc", "--wire=grpc --in-flight=1 --idle=20",
      "--wire=grpc --mode=open --rate=400", "--wire=grpc --new-connections=20",
      "--wire=grpc --mix=get=50,authenticate=50 --tokens-per-connection=all", "--key-distribution=zipf", "--idle=20",
      "--idle=20 --identity=bound",
    ])
  func loads(words: String) async throws {
    let world = try await BenchWorld.start()
    var options = try RunOptions(
      arguments: [
        "--target", "127.0.0.1:\(world.server.address.port)", "--ca", world.directory.path + "/ca.crt", "--tokens",
        world.directory.path + "/tokens.txt", "--connections=3", "--in-flight=4", "--keys=10",
      ] + words.split(separator: " ").map(String.init))
    // So many calls, however fast the machine is: a schedule's time says how many, a closed loop has to be told.
    options.duration = options.mode == .open ? 0.3 : 30
    options.calls = options.mode == .open ? nil : 200
    options.warmUp = options.mode == .open ? 0.1 : 0
    let counts = try await LoadTest(options).run()
    #expect(counts.errors == 0, "\(counts.firstError ?? "")")
    if options.mode == .open { #expect(counts.latencies.count > 100) } else { #expect(counts.latencies.count == 200) }
    #expect(counts.unsent == 0)
    #expect((counts.handshakes > 0) == (options.newConnectionPercent > 0))
    #expect(RunReport(options: options, counts: counts).isGood)
    await world.stop()
  }

  @Test("what is due faster than it is answered is sent all the same, and its wait counted")
  func backlog() async throws {
    let world = try await BenchWorld.start()
    let (_, counts) = try await world.run("--mode=open", "--rate=20000", seconds: 0.05)
    #expect(counts.errors == 0, "\(counts.firstError ?? "")")
    #expect(counts.unsent == 0 && counts.latencies.count >= 999)
    await world.stop()
  }

  @Test("a value that is not the expected one fails the run, on each wire", arguments: ["ttrpc", "grpc", "http"])
  func wrongValue(wire: String) async throws {
    let world = try await BenchWorld.start()
    let (options, counts) = try await world.run("--wire", wire, "--value-size", "65")
    #expect(counts.errors > 0)
    #expect(counts.firstError?.hasSuffix("the answer is not the value that it must be") == true)
    #expect(!RunReport(options: options, counts: counts).isGood)
    await world.stop()
  }

  @Test("a key that is not there fails the run with the server's words", arguments: ["ttrpc", "grpc", "http"])
  func missingKey(wire: String) async throws {
    let world = try await BenchWorld.start()
    let (_, counts) = try await world.run("--wire", wire, "--keys", "1000")
    #expect(counts.errors > 0)
    #expect(counts.firstError?.contains("the server answered") == true)
    await world.stop()
  }

  @Test("values of several sizes over several stores, large ones included")
  func sizesAndStores() async throws {
    let rule = try ValueRule(text: "64:2,4096:1,65536:1")
    let world = try await BenchWorld.start(values: rule, secrets: 40, keysPerStore: 15)
    for wire in ["ttrpc", "grpc", "http"] {
      let (options, counts) = try await world.run(
        "--wire", wire, "--keys=40", "--keys-per-store=15", "--value-sizes", rule.text, "--in-flight=8")
      #expect(RunReport(options: options, counts: counts).isGood, "\(counts.firstError ?? "")")
    }
    await world.stop()
  }

  @Test("each fresh token is used once, and running out of them ends the run")
  func freshTokens() async throws {
    let world = try await BenchWorld.start(fresh: 30)
    let file = world.directory.path + "/fresh.txt"
    await #expect(throws: BenchError.self) {
      try await world.run("--new-tokens=100", "--fresh-tokens", file, "--calls=31", seconds: 30)
    }
    let (_, counts) = try await world.run("--new-tokens=10", "--fresh-tokens", file, "--calls=100", seconds: 30)
    #expect(counts.errors == 0, "\(counts.firstError ?? "")")
    #expect(counts.newTokens == 10)
    await world.stop()
  }

  @Test("handshakes are counted, and no calls are made")
  func handshakes() async throws {
    let world = try await BenchWorld.start()
    let (options, counts) = try await world.run("--handshakes", "--connections=4", "--server-pid=\(getpid())")
    #expect(counts.errors == 0, "\(counts.firstError ?? "")")
    #expect(counts.handshakes > 0 && counts.latencies.count == counts.handshakes)
    #expect(RunReport(options: options, counts: counts).json["requests"]?.number == Double(counts.handshakes))
    await world.stop()
  }

  @Test("the JSON has what the suite reads, the server's figures included")
  func report() async throws {
    let world = try await BenchWorld.start()
    let (options, counts) = try await world.run("--connections=2", "--in-flight=3", "--server-pid=\(getpid())")
    let json = RunReport(options: options, counts: counts).json
    for (name, value) in [
      ("wire", "ttrpc"), ("mode", "closed"), ("identity", "token"), ("connections", 2), ("in_flight", 3),
      ("rate", nil), ("value_size", 64), ("errors", 0), ("handshakes", 0), ("new_tokens", 0),
    ] as [(String, JSONValue)] {
      #expect(json[name] == value, "\(name)")
    }
    for name in ["p50", "p90", "p99", "p99_9", "max", "mean"] {
      #expect(try #require(json["latency_us"]?[name]?.number) > 1)
    }
    for name in ["cpu_seconds", "cpu_us_per_request", "requests_per_cpu_second", "max_rss_kib"] {
      #expect(try #require(json["server"]?[name]?.number) > 0)
    }
    let (requests, seconds) = (json["requests"]?.number ?? 0, json["seconds"]?.number ?? 0)
    #expect(abs((json["requests_per_second"]?.number ?? 0) - requests / seconds) < requests / seconds / 1_000)
    await world.stop()
  }

  @Test("a server that is not there, or does not speak the wire, is told")
  func noServer() async throws {
    let world = try await BenchWorld.start()
    await world.server.stop()
    await #expect(throws: (any Error).self) { try await world.run() }
    await world.issuer.stop()
  }
}
