import FederationAPI
import Foundation
import SecretStores
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LocalDatabaseTests {
  let temporary: TemporaryDirectory
  let directory: String

  init() throws {
    temporary = try TemporaryDirectory()
    directory = temporary.path + "/data"
  }

  private func failure<Value>(_ body: () async throws(LocalStoreError) -> Value) async -> LocalStoreError.Kind? {
    do throws(LocalStoreError) {
      _ = try await body()
      return nil
    } catch { return error.kind }
  }

  @Test(
    "a value comes back byte for byte",
    arguments: [
      [], [0], Array("hunter2\n".utf8), [0xFF, 0xFE, 0, 0x80], Array("Zoë 🔑".utf8),
    ] as [[UInt8]])
  func values(value: [UInt8]) async throws { try await expectSame(value) }

  @Test("a value of 1 MiB comes back byte for byte")
  func largestValue() async throws { try await expectSame([UInt8](repeating: 0xA5, count: 1 << 20)) }

  private func expectSame(_ value: [UInt8]) async throws {
    let database = try await LocalDatabase(directory: directory)
    #expect(try await database.put(store: "local", key: "k", value: SecretBytes(value)) == 1)
    #expect(try await database.get(store: "local", key: "k") == SecretBytes(value))
  }

  @Test("a value one byte over 1 MiB is refused, and nothing is stored")
  func valueLimit() async throws {
    let database = try await LocalDatabase(directory: directory)
    let value = SecretBytes([UInt8](repeating: 0, count: (1 << 20) + 1))
    let kind = await failure { () async throws(LocalStoreError) in
      try await database.put(store: "local", key: "k", value: value)
    }
    #expect(kind == .valueTooLarge)
    #expect(try await database.list().isEmpty)
  }

  @Test(
    "keys may be any text without control characters",
    arguments: [
      "a", "a/b.c_d", "with space", "Zoë", "密钥", "-x", "'; DROP TABLE secret; --", String(repeating: "k", count: 1_024),
    ])
  func keys(key: String) async throws {
    let database = try await LocalDatabase(directory: directory)
    _ = try await database.put(store: "local", key: key, value: SecretBytes("v"))
    #expect(try await database.get(store: "local", key: key).text == "v")
    #expect(try await database.list().map(\.key) == [key])
  }

  @Test(
    "names that no manifest or wire could ask for are refused",
    arguments: [
      ("local", ""), ("local", String(repeating: "k", count: 1_025)), ("local", "a\nb"), ("local", "a\u{0}"),
      ("local", "a\u{7F}"), ("", "k"), ("Local", "k"), ("a b", "k"), ("-a", "k"), ("a.", "k"), ("ä", "k"),
      (String(repeating: "s", count: 254), "k"),
    ])
  func badNames(store: String, key: String) async throws {
    let database = try await LocalDatabase(directory: directory)
    let kind = await failure { () async throws(LocalStoreError) in
      try await database.put(store: store, key: key, value: SecretBytes("v"))
    }
    #expect(kind == .invalidName)
  }

  @Test("each put makes the next version; the newest is given unless one is named")
  func versions() async throws {
    let database = try await LocalDatabase(directory: directory)
    for number in 1...3 {
      #expect(try await database.put(store: "local", key: "k", value: SecretBytes("v\(number)")) == number)
    }
    #expect(try await database.put(store: "local", key: "other", value: SecretBytes("x")) == 1)
    #expect(try await database.put(store: "second", key: "k", value: SecretBytes("y")) == 1)
    #expect(try await database.get(store: "local", key: "k").text == "v3")
    #expect(try await database.get(store: "local", key: "k", version: 2).text == "v2")
    #expect(try await database.get(store: "second", key: "k").text == "y")
    for version in [0, -1, 4, .max] {
      let kind = await failure { () async throws(LocalStoreError) in
        try await database.get(store: "local", key: "k", version: version)
      }
      #expect(kind == .notFound)
    }
  }

  @Test("the last ten versions of a key are kept")
  func pruning() async throws {
    let database = try await LocalDatabase(directory: directory)
    _ = try await database.put(store: "local", key: "other", value: SecretBytes("stays"))
    for number in 1...13 { _ = try await database.put(store: "local", key: "k", value: SecretBytes("v\(number)")) }
    for number in 1...13 {
      let found = try? await database.get(store: "local", key: "k", version: number).text
      #expect(found == (number > 3 ? "v\(number)" : nil))
    }
    #expect(try await database.get(store: "local", key: "other").text == "stays")
  }

  @Test("a list has each key once, with its newest version and time, ordered, and of one store when asked")
  func list() async throws {
    let database = try await LocalDatabase(directory: directory)
    let before = WallClock.nowSeconds
    for (store, key) in [("b", "z"), ("b", "a"), ("a", "q"), ("b", "a")] {
      _ = try await database.put(store: store, key: key, value: SecretBytes("v"))
    }
    let all = try await database.list()
    #expect(all.map { "\($0.store)/\($0.key) \($0.version)" } == ["a/q 1", "b/a 2", "b/z 1"])
    #expect(all.allSatisfy { (before...WallClock.nowSeconds).contains($0.createdAtSeconds) })
    #expect(try await database.list(store: "b").map(\.key) == ["a", "z"])
    #expect(try await database.list(store: "c").isEmpty)
  }

  @Test("delete removes every version; the key starts again at 1")
  func delete() async throws {
    let database = try await LocalDatabase(directory: directory)
    for _ in 0..<3 { _ = try await database.put(store: "local", key: "k", value: SecretBytes("v")) }
    try await database.delete(store: "local", key: "k")
    for version in [nil, 1, 3] {
      let kind = await failure { () async throws(LocalStoreError) in
        try await database.get(store: "local", key: "k", version: version)
      }
      #expect(kind == .notFound)
    }
    #expect(
      await failure { () async throws(LocalStoreError) in try await database.delete(store: "local", key: "k") }
        == .notFound)
    #expect(try await database.put(store: "local", key: "k", value: SecretBytes("again")) == 1)
  }

  @Test("neither value nor key material is in the files of a database")
  func encryption() async throws {
    let database = try await LocalDatabase(directory: directory)
    _ = try await database.put(store: "local", key: "k", value: SecretBytes("correct horse battery staple"))
    let key = try Data(contentsOf: URL(fileURLWithPath: directory + "/secrets.key"))
    for name in ["secrets.db", "secrets.db-wal"] {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(name)"))
      #expect(bytes.range(of: Data("correct horse".utf8)) == nil)
      #expect(bytes.range(of: key) == nil)
    }
  }

  @Test("what one connection writes, another reads next")
  func twoConnections() async throws {
    let writer = try await LocalDatabase(directory: directory)
    let reader = try await LocalDatabase(directory: directory)
    for number in 1...5 {
      _ = try await writer.put(store: "local", key: "k", value: SecretBytes("v\(number)"))
      #expect(try await reader.get(store: "local", key: "k").text == "v\(number)")
    }
    try await writer.delete(store: "local", key: "k")
    #expect(try await reader.list().isEmpty)
  }

  @Test("two connections that write at once give every value a version of its own")
  func concurrentWriters() async throws {
    // Both are made at once too: one of them makes the key.
    async let first = LocalDatabase(directory: directory)
    async let second = LocalDatabase(directory: directory)
    let databases = try await [first, second]
    let versions = try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for number in 0..<60 {
        group.addTask {
          let value = "v\(number)"
          let version = try await databases[number % 2].put(store: "local", key: "k", value: SecretBytes(value))
          return (version, value)
        }
      }
      var versions: [Int: String] = [:]
      for try await (version, value) in group { versions[version] = value }
      return versions
    }
    #expect(versions.keys.sorted() == Array(1...60))
    for version in 51...60 {
      #expect(try await databases[0].get(store: "local", key: "k", version: version).text == versions[version])
    }
  }

  @Test("a database that is closed and opened again still has everything")
  func reopening() async throws {
    do {
      let database = try await LocalDatabase(directory: directory)
      _ = try await database.put(store: "local", key: "k", value: SecretBytes("v"))
    }
    let database = try await LocalDatabase(directory: directory, createIfMissing: false)
    #expect(try await database.get(store: "local", key: "k").text == "v")
  }
}
