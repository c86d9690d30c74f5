import FederationAPI
import Foundation
import SQLite
import SecretStores
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct LocalDatabaseFilesTests {
  let temporary: TemporaryDirectory
  let directory: String
  var key: String { directory + "/secrets.key" }
  var database: String { directory + "/secrets.db" }

  init() throws {
    temporary = try TemporaryDirectory()
    directory = temporary.path + "/data"
  }

  /// Makes a database with `a` and `b` in store `local`, version 2 of each the newest, and closes it.
  private func make() async throws {
    let database = try await LocalDatabase(directory: directory)
    for name in ["a", "b"] {
      for version in 1...2 {
        _ = try await database.put(store: "local", key: name, value: SecretBytes("hunter-\(name)-\(version)"))
      }
    }
  }

  private func open(createIfMissing: Bool = true) async -> LocalStoreError? {
    do throws(LocalStoreError) {
      _ = try await LocalDatabase(directory: directory, createIfMissing: createIfMissing)
      return nil
    } catch { return error }
  }

  /// The error of reading, after `sql` changed the database behind the store's back.
  private func read(_ name: String, version: Int? = nil, after sql: String) async throws -> LocalStoreError? {
    let database = try await LocalDatabase(directory: directory)
    let connection = try DatabaseConnection(path: self.database)
    try connection.execute(sql)
    do throws(LocalStoreError) {
      _ = try await database.get(store: "local", key: name, version: version)
      return nil
    } catch { return error }
  }

  private func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test("directory and files belong to their owner alone, and the key has 32 bytes")
  func modes() async throws {
    try await make()
    #expect(try mode(directory) == 0o700)
    #expect(try mode(key) == 0o600)
    #expect(try mode(database) == 0o600)
    #expect(try Data(contentsOf: URL(fileURLWithPath: key)).count == 32)
    let names = try FileManager.default.contentsOfDirectory(atPath: directory)
    #expect(names.allSatisfy { ["secrets.key", "secrets.db", "secrets.db-wal", "secrets.db-shm"].contains($0) })
  }

  @Test("a key that others may use is refused with the command that helps", arguments: [0o640, 0o604, 0o620, 0o601])
  func openKey(mode: Int) async throws {
    try await make()
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: key)
    let error = await open()
    #expect(error?.kind == .keyFile)
    #expect(error?.message.hasSuffix("run chmod 600 \(key)") == true)
  }

  @Test("a database without its key is never given a new one")
  func missingKey() async throws {
    try await make()
    try FileManager.default.removeItem(atPath: key)
    let error = await open()
    #expect(error?.kind == .keyFile)
    #expect(error?.message.contains("is missing") == true)
    #expect(!FileManager.default.fileExists(atPath: key))
  }

  @Test("another database's key is told from damage")
  func wrongKey() async throws {
    try await make()
    try temporary.write([UInt8](repeating: 7, count: 32), to: "data/secrets.key")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    #expect(await open()?.kind == .wrongKey)
  }

  @Test("a key of another size is refused", arguments: [0, 31, 33])
  func keySize(count: Int) async throws {
    try await make()
    try temporary.write([UInt8](repeating: 7, count: count), to: "data/secrets.key")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    #expect(await open()?.kind == .keyFile)
  }

  @Test("a pipe in the place of the key is refused at once")
  func keyPipe() async throws {
    try await make()
    try FileManager.default.removeItem(atPath: key)
    #expect(mkfifo(key, 0o600) == 0)
    let error = await open()
    #expect(error?.kind == .keyFile)
    #expect(error?.message.contains("\(key) is not a regular file") == true)
  }

  @Test("a key that was made before the database was is used")
  func existingKey() async throws {
    let bytes = (0..<32).map { UInt8($0) }
    try temporary.write(bytes, to: "data/secrets.key")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    try await make()
    #expect(try Array(Data(contentsOf: URL(fileURLWithPath: key))) == bytes)
  }

  @Test("a directory without a database is only made when that is wanted")
  func createIfMissing() async throws {
    #expect(await open(createIfMissing: false)?.kind == .directory)
    #expect(!FileManager.default.fileExists(atPath: directory))
    #expect(await open() == nil)
    #expect(await open(createIfMissing: false) == nil)
  }

  @Test("a directory that cannot be made or is none says so")
  func badDirectory() async throws {
    try temporary.write("x", to: "data")
    #expect(await open()?.kind == .directory)
    do throws(LocalStoreError) {
      _ = try await LocalDatabase(directory: temporary.path + "/none/data")
      #expect(Bool(false), "a directory below a missing one was made")
    } catch {
      #expect(error.kind == .directory)
    }
  }

  @Test("a changed byte anywhere in a sealed value is damage, and the error has no content")
  func tampering() async throws {
    try await make()
    // Nonce, ciphertext and tag.
    for offset in [0, 12, 20, 30] {
      let flip = """
        UPDATE secret SET sealed = CAST(substr(sealed, 1, \(offset)) || CASE substr(sealed, \(offset + 1), 1) WHEN x'00'
        THEN x'01' ELSE x'00' END || substr(sealed, \(offset + 2)) AS BLOB) WHERE key = 'a' AND version = 2
        """
      let error = try await read("a", after: flip)
      #expect(error?.kind == .damaged)
      #expect(error?.message.contains("hunter") == false)
    }
    #expect(try await read("a", version: 1, after: "") == nil)
    #expect(try await read("b", after: "") == nil)
  }

  @Test(
    "a value that was moved to another row does not open there",
    arguments: [
      // Another key, another version, another store.
      "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE key = 'b' AND version = 2) WHERE key = 'a' AND version = 2",
      "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE key = 'a' AND version = 1) WHERE key = 'a' AND version = 2",
      "UPDATE secret SET version = 3 WHERE key = 'a' AND version = 1",
      "DELETE FROM secret WHERE key = 'a'; UPDATE secret SET key = 'a'",
      "UPDATE secret SET sealed = x''",
      "UPDATE secret SET sealed = (SELECT sealed FROM key_check)",
    ])
  func swappedRows(sql: String) async throws {
    try await make()
    #expect(try await read("a", after: sql)?.kind == .damaged)
  }

  @Test("a row that was moved to another store does not open there")
  func movedStore() async throws {
    let database = try await LocalDatabase(directory: directory)
    _ = try await database.put(store: "other", key: "a", value: SecretBytes("v"))
    #expect(try await read("a", after: "UPDATE secret SET store = 'local'")?.kind == .damaged)
  }

  @Test("store and key cannot trade bytes")
  func ambiguousNames() async throws {
    let database = try await LocalDatabase(directory: directory)
    _ = try await database.put(store: "localx", key: "a", value: SecretBytes("v"))
    #expect(
      try await read("xa", after: "UPDATE secret SET store = 'local', key = 'xa'")?.kind == .damaged)
  }

  @Test("a database of a newer program is left alone")
  func newerSchema() async throws {
    try await make()
    try DatabaseConnection(path: database).execute("PRAGMA user_version = 2")
    #expect(await open()?.kind == .newerSchema)
  }

  @Test("a database that lost its key check, or is no database, is damaged")
  func damagedDatabase() async throws {
    try await make()
    try DatabaseConnection(path: database).execute("DELETE FROM key_check")
    #expect(await open()?.kind == .damaged)
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: database + suffix) }
    try temporary.write(String(repeating: "no database ", count: 1_000), to: "data/secrets.db")
    #expect(await open()?.kind == .damaged)
  }
}
