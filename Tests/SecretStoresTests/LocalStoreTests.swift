import FederationAPI
import Foundation
import Logging
import Resources
import SQLite
import SecretStores
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct LocalStoreTests {
  private let location = SourceLocation(file: "stores.yaml", line: 1)

  private func registry(_ database: LocalDatabase?, log: Log = Log(level: .error)) -> StoreRegistry {
    StoreRegistry(
      stores: [
        ClusterSecretStore(name: "local", provider: .local, location: location),
        ClusterSecretStore(name: "second", provider: .local, location: location),
        ClusterSecretStore(
          name: "fake", provider: .fake([FakeSecret(key: "k", value: SecretBytes("f"))]), location: location),
      ], local: database, log: log)
  }

  private func read(
    _ registry: StoreRegistry, _ store: String, _ key: String, version: String? = nil, property: String? = nil
  ) async throws -> Result<String?, RPCError> {
    let reference = SecretReference(store: store, key: key, property: property, version: version)
    return try await #require(registry[store]).read(reference).result().map(\.text)
  }

  @Test("stores are found by their exact name and see only their own keys")
  func registry() async throws {
    let directory = try TemporaryDirectory()
    let database = try await LocalDatabase(directory: directory.path)
    _ = try await database.put(store: "local", key: "k", value: SecretBytes("l"))
    let registry = registry(database)
    #expect(try await read(registry, "local", "k") == .success("l"))
    #expect(try await read(registry, "fake", "k") == .success("f"))
    #expect(
      try await read(registry, "second", "k") == .failure(RPCError(.notFound, "no secret \"k\" in store \"second\"")))
    #expect(registry["none"] == nil)
    #expect(registry["Local"] == nil)
  }

  @Test("D27: reads open nothing, however many snapshots and reads there are")
  func oneDatabase() async throws {
    let directory = try TemporaryDirectory()
    let database = try await LocalDatabase(directory: directory.path)
    _ = try await database.put(store: "local", key: "k", value: SecretBytes("l"))
    let name = URL(fileURLWithPath: directory.path).lastPathComponent
    func openFiles() throws -> Int {
      let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
      return descriptors.count { descriptor in
        let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
        return target?.contains(name) == true
      }
    }
    #expect(try await read(registry(database), "local", "k") == .success("l"))
    let before = try openFiles()
    #expect(before > 0)
    for _ in 0..<200 { #expect(try await read(registry(database), "local", "k") == .success("l")) }
    #expect(try openFiles() == before)
  }

  @Test("versions and properties are read from the database")
  func versionsAndProperties() async throws {
    let directory = try TemporaryDirectory()
    let database = try await LocalDatabase(directory: directory.path)
    for number in 1...2 {
      _ = try await database.put(store: "local", key: "k", value: SecretBytes("{\"n\":\(number)}"))
    }
    let registry = registry(database)
    #expect(try await read(registry, "local", "k", property: "n") == .success("2"))
    #expect(try await read(registry, "local", "k", version: "1", property: "n") == .success("1"))
    #expect(try await read(registry, "local", "k", version: "", property: "") == .success("{\"n\":2}"))
    #expect(
      try await read(registry, "local", "k", version: "3")
        == .failure(RPCError(.notFound, "no version \"3\" of secret \"k\" in store \"local\"")))
    #expect(
      try await read(registry, "local", "k", property: "m")
        == .failure(RPCError(.notFound, "secret \"k\" in store \"local\" has no property \"m\"")))
    for version in ["0", "-1", "01", "+1", "latest", "1 ", "99999999999999999999"] {
      guard case .failure(let error) = try await read(registry, "local", "k", version: version) else {
        return #expect(Bool(false), "version \(version) was read")
      }
      #expect(error.code == .invalidArgument)
    }
  }

  @Test("without a data directory the store says what is missing")
  func noDatabase() async throws {
    let answer = try await read(registry(nil), "local", "k")
    #expect(
      answer == .failure(RPCError(.failedPrecondition, "store \"local\" has no data: start the server with --data")))
  }

  @Test("damage is DATA_LOSS to the caller and an error with its reason in the log")
  func damage() async throws {
    let directory = try TemporaryDirectory()
    let database = try await LocalDatabase(directory: directory.path)
    _ = try await database.put(store: "local", key: "k", value: SecretBytes("hunter2"))
    try DatabaseConnection(path: directory.path + "/secrets.db").execute("UPDATE secret SET sealed = x'00'")
    let lines = Lines()
    let registry = registry(database, log: Log(level: .error) { lines.add($0) })
    #expect(
      try await read(registry, "local", "k")
        == .failure(RPCError(.dataLoss, "the stored value of secret \"k\" in store \"local\" is damaged")))
    #expect(lines.all.count == 1 && lines.all[0].contains("store_damaged"))
  }

  @Test("D22: a database that fails is UNAVAILABLE to the caller, the reason only in the log")
  func unavailable() async throws {
    let directory = try TemporaryDirectory()
    let database = try await LocalDatabase(directory: directory.path)
    try DatabaseConnection(path: directory.path + "/secrets.db").execute("DROP TABLE secret")
    let lines = Lines()
    let registry = registry(database, log: Log(level: .error) { lines.add($0) })
    #expect(
      try await read(registry, "local", "k") == .failure(RPCError(.unavailable, "store \"local\" cannot be read now")))
    #expect(lines.all.count == 1 && lines.all[0].contains("no such table"))
  }

  @Test("a flood of reads of a damaged value is ten lines a second, and the next line tells of the others")
  func damageLines() async throws {
    let directory = try TemporaryDirectory()
    let database = try await LocalDatabase(directory: directory.path)
    _ = try await database.put(store: "local", key: "k", value: SecretBytes("hunter2"))
    try DatabaseConnection(path: directory.path + "/secrets.db").execute("UPDATE secret SET sealed = x'00'")
    let lines = Lines()
    let clock = Mutex<UInt64>(1)
    let store = LocalStore(database: database, log: Log(level: .error) { lines.add($0) }) {
      MonotonicTime(nanoseconds: clock.withLock { $0 })
    }
    func read() async { _ = await store.read(SecretReference(store: "local", key: "k")).result() }
    for _ in 0..<50 { await read() }
    #expect(lines.all.count == 10)
    clock.withLock { $0 += 1_000_000_000 }
    await read()
    #expect(lines.all.count == 11 && lines.all[10].hasSuffix(#""suppressed_before":"40"}"#))
  }

  @Test("a flood of reads or lists of a database that fails is ten lines a second")
  func unavailableLines() async throws {
    let directory = try TemporaryDirectory()
    let database = try await LocalDatabase(directory: directory.path)
    try DatabaseConnection(path: directory.path + "/secrets.db").execute("DROP TABLE secret")
    for lists in [false, true] {
      let lines = Lines()
      let store = LocalStore(database: database, log: Log(level: .error) { lines.add($0) }) {
        MonotonicTime(nanoseconds: 1)
      }
      for _ in 0..<50 {
        if lists {
          _ = await store.list("local").result()
        } else {
          _ = await store.read(SecretReference(store: "local", key: "k")).result()
        }
      }
      #expect(lines.all.count == 10 && lines.all.allSatisfy { $0.contains("store_unreadable") })
    }
  }
}

private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }
}
