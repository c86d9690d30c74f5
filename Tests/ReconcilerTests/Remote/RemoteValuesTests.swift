import FederationAPI
import Synchronization
import Testing

@testable import Reconciler

/// How an ExternalSecret's items are asked for, and put together.
@Suite struct RemoteValuesTests {
  private static let generator = """
    {"sourceRef":{"generatorRef":{"kind":"Federation","name":"login"}}}
    """
  private static func extract(_ key: String) -> String { "{\"extract\":{\"key\":\"\(key)\"}}" }
  private static func data(_ key: String) -> String {
    "[{\"secretKey\":\"\(key)\",\"remoteRef\":{\"key\":\"\(key)\"}}]"
  }

  private func values(
    _ server: FakeFederation, data: String = "", dataFrom: String = "", skipsMissing: Bool = false,
    noteStale: @escaping @Sendable (UInt32) -> Void = { _ in }
  ) async throws -> [String: String] {
    let remote = RemoteValues(
      skipsMissing: skipsMissing, store: "vault", client: server, noteStale: noteStale
    ) { name throws(RPCError) in
      server.calls.withLock { $0.append("local \(name)") }
      return ["generated": SecretBytes("local")]
    }
    return try await remote.values(data: Array(data.utf8), dataFrom: Array(dataFrom.utf8))
      .mapValues { $0.text ?? "" }
  }

  private final class Told: Sendable {
    private let seconds = Mutex<[UInt32]>([])
    var all: [UInt32] { seconds.withLock { $0 } }
    func note(_ value: UInt32) { seconds.withLock { $0.append(value) } }
  }

  private func message(_ body: () async throws -> Void) async -> String {
    do { try await body() } catch { return "\(error)" }
    return "no error"
  }

  @Test("what the server can resolve is one call")
  func oneCall() async throws {
    let server = FakeFederation { _, _ in .success(["a": "1"]) }
    let from = "[\(Self.extract("x")),\(Self.extract("y"))]"
    #expect(try await values(server, data: Self.data("a"), dataFrom: from) == ["a": "1"])
    #expect(server.calls.withLock { $0 } == ["resolve \(Self.sorted("a")) \(from)"])
  }

  private static func sorted(_ key: String) -> String { data(key) }

  @Test("what is past its time is told, from servers that resolve and from those that do not")
  func stale() async throws {
    let told = Told()
    let resolving = FakeFederation(staleSeconds: 7) { _, _ in .success(["a": "1"]) }
    for server in [resolving, FakeFederation(secrets: ["a": "1"], staleSeconds: 8)] {
      let values = try await values(server, data: Self.data("a")) { told.note($0) }
      #expect(values == ["a": "1"])
    }
    #expect(told.all == [7, 8])
  }

  @Test("a generator of ours parts the items; it is asked last, and later items and data win")
  func order() async throws {
    let server = FakeFederation { data, dataFrom in
      if dataFrom.contains("\"x\"") { return .success(["generated": "x", "only": "x", "both": "x"]) }
      return .success(data.isEmpty ? ["both": "y"] : ["both": "y", "generated": "data"])
    }
    let from = "[\(Self.extract("x")),\(Self.generator),\(Self.extract("y"))]"
    #expect(try await values(server, dataFrom: from) == ["generated": "local", "only": "x", "both": "y"])
    #expect(server.calls.withLock { $0 }.last == "local login")
    #expect(
      try await values(server, data: Self.data("a"), dataFrom: from)
        == ["generated": "data", "only": "x", "both": "y"])
    // Data wins over a generator that stands last, too.
    let last = FakeFederation { data, _ in .success(data.isEmpty ? [:] : ["generated": "data"]) }
    #expect(
      try await values(last, data: Self.data("a"), dataFrom: "[\(Self.generator)]") == ["generated": "data"])
  }

  @Test("an error names the item as the ExternalSecret counts it, and nothing is issued then")
  func counted() async throws {
    let server = FakeFederation { _, dataFrom in
      dataFrom.contains("\"y\"") ? .failure(RPCError(.notFound, "dataFrom[0]: gone")) : .success([:])
    }
    let from = "[\(Self.extract("x")),\(Self.generator),\(Self.extract("y"))]"
    #expect(await message { _ = try await values(server, dataFrom: from) } == "NOT_FOUND: dataFrom[2]: gone")
    #expect(!server.calls.withLock { $0 }.contains("local login"))
  }

  @Test("what is missing is left out item by item where that is allowed, and only that")
  func missing() async throws {
    let server = FakeFederation { data, dataFrom in
      if (data + dataFrom).contains("gone") { return .failure(RPCError(.notFound, "gone")) }
      return .success(["a": "1"])
    }
    let from = "[\(Self.extract("gone")),\(Self.extract("x"))]"
    #expect(try await values(server, dataFrom: from, skipsMissing: true) == ["a": "1"])
    #expect(try await values(server, data: Self.data("gone"), skipsMissing: true) == [:])
    #expect(await message { _ = try await values(server, dataFrom: from) }.hasPrefix("NOT_FOUND"))
    let refusing = FakeFederation { _, _ in .failure(.notAuthorized) }
    #expect(
      await message { _ = try await values(refusing, data: Self.data("a"), skipsMissing: true) }
        == "PERMISSION_DENIED: Not Found")
  }

  @Test("what is wrong in itself is said before anything is asked")
  func invalid() async throws {
    let server = FakeFederation { _, _ in .success([:]) }
    #expect(await message { _ = try await values(server, data: "[{}]") }.hasPrefix("INVALID_ARGUMENT: data[0]"))
    #expect(await message { _ = try await values(server, dataFrom: "{}") }.hasPrefix("INVALID_ARGUMENT: dataFrom"))
    #expect(server.calls.withLock { $0 } == [])
  }

  @Test("a server that resolves nothing is asked for each key, and ESO's rules are applied here")
  func legacy() async throws {
    let server = FakeFederation(secrets: [
      "plain": "p", "encoded": "aGk=", "doc": #"{"user":"ann","port":5432,"deep":{"x":"y"}}"#,
    ])
    let data = """
      [{"secretKey":"a","remoteRef":{"key":"plain"}},
       {"secretKey":"b","remoteRef":{"key":"encoded","decodingStrategy":"Base64"}},
       {"secretKey":"c","remoteRef":{"key":"doc","property":"deep.x"}}]
      """
    let from = """
      [{"extract":{"key":"doc"},"rewrite":[{"regexp":{"source":"^(.*)$","target":"db_$1"}}]},
       {"sourceRef":{"generatorRef":{"kind":"Password","namespace":"apps","name":"p"}}}]
      """
    #expect(
      try await values(server, data: data, dataFrom: from) == [
        "a": "p", "b": "hi", "c": "y", "db_user": "ann", "db_port": "5432", "db_deep": #"{"x":"y"}"#,
        "generated": "g",
      ])
    #expect(
      server.calls.withLock { $0 } == [
        "secrets vault.doc vault.plain vault.encoded vault.doc", "generate apps/Password/p",
      ])
  }

  @Test(
    "what such a server cannot do is an error that says so",
    arguments: [
      ("", #"[{"find":{"name":{"regexp":"x"}}}]"#, "dataFrom[0].find: the server has no ResolveExternalSecret"),
      (
        #"[{"secretKey":"a","remoteRef":{"key":"k","version":"1"}}]"#, "",
        "data[0]: the server has no ResolveExternalSecret"
      ),
      (#"[{"secretKey":"a","remoteRef":{"key":"gone"}}]"#, "", "data[0]: no secret \"gone\""),
      ("", #"[{"extract":{"key":"plain"}}]"#, "dataFrom[0]: the value of \"plain\" is no JSON object"),
    ])
  func legacyErrors(data: String, dataFrom: String, text: String) async throws {
    let server = FakeFederation(secrets: ["plain": "p"])
    #expect(await message { _ = try await values(server, data: data, dataFrom: dataFrom) }.contains(text))
  }

  @Test("such a server's missing keys are left out where that is allowed")
  func legacyMissing() async throws {
    let server = FakeFederation(secrets: ["plain": "p"])
    let data = "[\(Self.data("gone").dropFirst().dropLast()),\(Self.data("plain").dropFirst().dropLast())]"
    #expect(try await values(server, data: data, skipsMissing: true) == ["plain": "p"])
  }
}
