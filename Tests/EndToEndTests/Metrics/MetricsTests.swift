import FederationAPI
import FederationProto
import FederationServer
import Foundation
import GRPC
import Logging
import TTRPC
import TestSupport
import Testing
import Transport

/// What a server tells of itself under `--metrics-listen`.
@Suite(.timeLimit(.minutes(3))) struct MetricsTests {
  private let world: RunningFederation

  init() async throws {
    world = try await RunningFederation {
      $0.metricsAddress = ("127.0.0.1", 0)
      $0.plaintextAddress = ("127.0.0.1", 0)
      $0.drainSeconds = 60
      $0.loops = 2
    }
  }

  private func scrape() async throws -> Scrape { try await Scrape(world.server.metricsAddress) }

  /// Asks `client` for `name` of `store`; the code of the answer.
  private func ask(
    _ client: any RPCCalling, _ name: String, of store: String = "app", token: String, method: String = "GetSecret",
    timeoutNanoseconds: Int64? = nil
  ) async throws -> StatusCode {
    let request = GetSecretRequest(store: store, name: name, caCertificates: world.ca.certificatePEM)
    do throws(RPCError) {
      _ = try await client.call(
        service: FederationMethod.service, method: method, payload: try request.protobuf(),
        metadata: [("authorization", "Bearer \(token)")], timeoutNanoseconds: timeoutNanoseconds)
      return .ok
    } catch {
      return error.code
    }
  }

  /// Asks over HTTP by curl, all in one connection.
  private func curl(
    _ version: String, _ names: [String], of store: String = "app", token: String
  ) async throws -> [String] {
    let body = "{\"ca.crt\":\"\(Data(world.ca.certificatePEM).base64EncodedString())\"}"
    let origin = "https://127.0.0.1:\(world.server.address.port)/secretstore/\(store)/secrets"
    let curl = try ChildProgram(
      path: "/usr/bin/curl",
      arguments: [
        "-sS", "--max-time", "60", "--cacert", world.ca.certificateFile, version, "-H",
        "Authorization: Bearer \(token)",
        "--data", body, "-w", "%{http_code}\n",
      ] + names.flatMap { ["-o", "/dev/null", "\(origin)/\($0)"] })
    let exit = await curl.wait()
    #expect(exit == .status(0), "\(curl.stderr.text)")
    return curl.stdout.text.split(separator: "\n").map(String.init)
  }

  private func target(_ alpn: String) throws -> DialTarget {
    try .loopback(world.server.address.port, alpn, ca: world.ca, timeoutSeconds: 60)
  }

  @Test("each call is counted once, by wire, method and code, whichever way it was answered")
  func calls() async throws {
    let token = try world.token()
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let ttrpc = try await TTRPCClient.connect(target(TTRPCClient.alpn), group: group)
    let grpc = try await GRPCClient.connect(target(GRPCClient.alpn), group: group)
    for client in [ttrpc, grpc] as [any RPCCalling] {
      for _ in 0..<4 { #expect(try await ask(client, "password", token: token) == .ok) }
      for _ in 0..<2 { #expect(try await ask(client, "none", token: token) == .notFound) }
      #expect(try await ask(client, "password", token: token + "x") == .unauthenticated)
      #expect(try await ask(client, "password", token: token, method: "Nonsense") == .unimplemented)
    }
    _ = try await grpc.call(service: "grpc.health.v1.Health", method: "Check", payload: [])
    for version in ["--http1.1", "--http2"] {
      let statuses = try await curl(version, ["password", "password", "password", "none"], token: token)
      #expect(statuses == ["200", "200", "200", "400"])
      #expect(try await curl(version, ["password"], token: token + "x") == ["401"])
    }
    let scrape = try await scrape()
    func labels(_ wire: String, _ method: String, _ code: String) -> [String: String] {
      ["wire": wire, "method": method, "code": code]
    }
    var expected: [[String: String]: Double] = [labels("grpc", "Health", "OK"): 1]
    for (wire, ok, missing) in [("ttrpc", 4.0, 2.0), ("grpc", 4, 2), ("http1", 3, 1), ("http2", 3, 1)] {
      expected[labels(wire, "GetSecret", "OK")] = ok
      expected[labels(wire, "GetSecret", "NOT_FOUND")] = missing
      expected[labels(wire, "GetSecret", "UNAUTHENTICATED")] = 1
    }
    expected[labels("ttrpc", "other", "UNIMPLEMENTED")] = 1
    expected[labels("grpc", "other", "UNIMPLEMENTED")] = 1
    #expect(scrape.counted("federation_calls_total") == expected)
    #expect(scrape.counted("federation_authentication_failures_total") == [["by": "call"]: 4])
    // The two connections of this test; curl's may not be gone yet.
    #expect(try #require(scrape["federation_connections", ["wire": "ttrpc"]]) == 1)
    #expect(try #require(scrape["federation_connections", ["wire": "http2"]]) >= 1)
    #expect(scrape["federation_tls_handshakes_total", ["result": "completed"]] == 6)
    #expect(scrape["federation_tls_handshakes_total", ["result": "failed"]] == 0)
    // Only the first call had to wait, for the issuer's keys, and who came with a bad token for newer ones perhaps.
    #expect(scrape["federation_call_wait_seconds_count", ["wire": "ttrpc", "method": "GetSecret"]] ?? 0 >= 1)
    #expect(try #require(scrape["federation_verified_tokens"]) == 1)
    #expect(try #require(scrape["federation_key_sets"]) == 1)
    for secret in [token, "s3cret", "system:serviceaccount", "Bearer", "eyJ"] { #expect(!scrape.text.contains(secret)) }
    ttrpc.close()
    grpc.close()
    await group.shutDown(graceSeconds: 0)
    await world.stop()
  }

  @Test("calls that nobody waits for any more are counted as given up, and those past their deadline as such")
  func givenUp() async throws {
    let backend = try HeldBackend(in: world)
    let token = try world.token()
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let ttrpc = try await TTRPCClient.connect(target(TTRPCClient.alpn), group: group)
    let grpc = try await GRPCClient.connect(target(GRPCClient.alpn), group: group)
    for (name, client) in [("ttrpc", ttrpc), ("grpc", grpc)] as [(String, any RPCCalling)] {
      let call = Task { try await ask(client, name, of: "hooks", token: token) }
      await backend.arrival()
      if name == "ttrpc" { ttrpc.close() } else { grpc.close() }
      #expect(try await call.value != .ok)
    }
    let curl = try ChildProgram(
      path: "/usr/bin/curl",
      arguments: [
        "-sS", "--cacert", world.ca.certificateFile, "-H", "Authorization: Bearer \(token)", "--http2", "--data",
        "{}",
        "https://127.0.0.1:\(world.server.address.port)/secretstore/hooks/secrets/http2",
      ])
    await backend.arrival()
    curl.signal(SIGKILL)
    _ = await curl.wait()
    let other = try await TTRPCClient.connect(target(TTRPCClient.alpn), group: group)
    let late = try await ask(other, "late", of: "hooks", token: token, timeoutNanoseconds: 50_000_000)
    #expect(late == .deadlineExceeded)
    // The server counts when it sees the end of each, which nothing announces.
    var expected: [[String: String]: Double] = [
      ["wire": "ttrpc", "method": "GetSecret", "code": "DEADLINE_EXCEEDED"]: 1
    ]
    for wire in ["ttrpc", "grpc", "http2"] { expected[["wire": wire, "method": "GetSecret", "code": "CANCELLED"]] = 1 }
    var counted = try await scrape().counted("federation_calls_total")
    while counted.count < expected.count { counted = try await scrape().counted("federation_calls_total") }
    #expect(counted == expected)
    other.close()
    await backend.open()
    await group.shutDown(graceSeconds: 0)
    await world.stop()
    await backend.stop()
  }

  @Test("a store's cache is told, with the answers of every loop and wire")
  func stores() async throws {
    let backend = try HeldBackend(in: world)
    await backend.open()
    let token = try world.token()
    let group = try EventLoopGroup(loops: 1, log: Log(level: .error))
    let ttrpc = try await TTRPCClient.connect(
      .loopback(world.server.address.port, TTRPCClient.alpn, ca: world.ca, timeoutSeconds: 60), group: group)
    for _ in 0..<3 { #expect(try await ask(ttrpc, "k", of: "hooks", token: token) == .ok) }
    let grpc = try await GRPCClient.connect(
      .loopback(world.server.address.port, GRPCClient.alpn, ca: world.ca, timeoutSeconds: 60), group: group)
    for _ in 0..<2 { #expect(try await ask(grpc, "k", of: "hooks", token: token) == .ok) }
    for version in ["--http1.1", "--http2"] {
      #expect(try await curl(version, ["k", "k"], of: "hooks", token: token) == ["200", "200"])
    }
    let scrape = try await scrape()
    let store = ["store": "hooks"]
    #expect(scrape["federation_store_cache_misses_total", store] == 1)
    #expect(scrape["federation_store_cache_hits_total", store] == 8)
    #expect(scrape["federation_store_backend_requests_total", store] == 1)
    #expect(scrape.counted("federation_store_backend_failures_total") == [:])
    #expect(scrape.counted("federation_store_stale_answers_total") == [:])
    #expect(scrape["federation_store_down", store] == 0)
    #expect(scrape["federation_store_cache_entries", store] == 1)
    #expect(try #require(scrape["federation_store_cache_bytes", store]) >= 14)
    #expect(!scrape.text.contains("of the backend") && !scrape.text.contains("\"k\""))
    ttrpc.close()
    grpc.close()
    await group.shutDown(graceSeconds: 0)
    await world.stop()
    await backend.stop()
  }

  @Test("a reload, good or bad, what it brought, and the process itself are told")
  func configuration() async throws {
    try world.grant(["app"])
    _ = try world.manifests.write("kind: Nonsense\n", to: "broken.yaml")
    world.server.reload()
    let scrape = try await scrape()
    #expect(scrape["federation_reloads_total", ["what": "manifests", "result": "success"]] == 1)
    #expect(scrape["federation_reloads_total", ["what": "manifests", "result": "failure"]] == 1)
    #expect(scrape["federation_last_reload_successful", ["what": "manifests"]] == 0)
    #expect(scrape["federation_reloads_total", ["what": "certificates", "result": "success"]] == 2)
    #expect(scrape["federation_last_reload_successful", ["what": "certificates"]] == 1)
    #expect(scrape["federation_configuration_generation"] == 2)
    #expect(
      scrape.counted("federation_resources") == [
        ["kind": "KubernetesFederation", "state": "used"]: 1, ["kind": "Authorization", "state": "used"]: 1,
        ["kind": "ClusterSecretStore", "state": "used"]: 1,
      ])
    let now = Date.now.timeIntervalSince1970
    #expect(abs(try #require(scrape["process_start_time_seconds"]) - now) < 600)
    #expect(try #require(scrape["process_resident_memory_bytes"]) > 1_000_000)
    #expect(try #require(scrape["process_cpu_seconds_total"]) > 0)
    let descriptors = try #require(scrape["process_open_fds"])
    #expect(descriptors > 5 && descriptors <= (scrape["process_max_fds"] ?? 0))
    await world.stop()
  }

  @Test("every family is in the table of docs/OPERATIONS.md with its type, and none else is")
  func documented() async throws {
    let path = URL(filePath: #filePath).appending(path: "../../../../docs/OPERATIONS.md").standardizedFileURL.path
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    var documented: [String: String] = [:]
    for line in lines where line.hasPrefix("| `federation_") || line.hasPrefix("| `process_") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      for name in cells[0].split(separator: "`") where name.contains("_") {
        documented[String(name.prefix { $0 != "{" })] = cells[1]
      }
    }
    #expect(try await scrape().types == documented)
    await world.stop()
  }

  @Test("probes and everything else that may be asked")
  func probes() async throws {
    let origin = "http://\(try #require(world.server.metricsAddress))"
    #expect(try await Scrape.curl("\(origin)/healthz") == .init("200", "ok\n"))
    #expect(try await Scrape.curl("\(origin)/readyz?verbose") == .init("200", "ready\n"))
    #expect(try await Scrape.curl("-I", "\(origin)/readyz").status == "200")
    #expect(try await Scrape.curl("\(origin)/secretstore/app/secrets/password").status == "404")
    #expect(try await Scrape.curl("-d", "{}", "\(origin)/secretstore/app/secrets/password").status == "405")
    #expect(try await Scrape.curl("-d", "{}", "\(origin)/metrics").status == "405")
    #expect(try await Scrape.curl("-I", "\(origin)/metrics").body.contains("text/plain; version=0.0.4; charset=utf-8"))
    await world.stop()
  }

  @Test("from the start of a drain /readyz is 503, while /healthz and /metrics are answered to its end")
  func drain() async throws {
    let port = try #require(world.server.plaintextAddress?.port)
    let origin = "http://\(try #require(world.server.metricsAddress))"
    let client = try RawClient(port: port)
    // A request that is half there is waited for.
    client.send("POST /secretstore/app/secrets/password HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
    #expect(try await Scrape.curl("\(origin)/readyz").status == "200")
    let stopping = Task { await world.server.stop() }
    var readiness = try await Scrape.curl("\(origin)/readyz")
    while readiness.status == "200" { readiness = try await Scrape.curl("\(origin)/readyz") }
    #expect(readiness == .init("503", "draining\n"))
    #expect(try await Scrape.curl("\(origin)/healthz") == .init("200", "ok\n"))
    #expect(try await Scrape.curl("\(origin)/metrics").body.contains("\nfederation_ready 0\n"))
    client.send("{}")
    #expect(await client.everything().hasPrefix("HTTP/1.1 401 "))
    await stopping.value
    await world.issuer.stop()
  }
}
