import Crypto
import FederationAPI
import SQLite

/// The open database with its key. Belongs to one ``LocalDatabase``.
final class LocalStorage {
  private let connection: DatabaseConnection
  private let cipher: AES256GCM
  private let newest: Statement
  private let insert: Statement
  private let prune: Statement
  private let selectNewest: Statement
  private let selectVersion: Statement
  private let deleteKey: Statement
  private let dataVersion: Statement
  /// Changes by this connection, which `data_version` does not count.
  private var changes: Int64 = 0

  init(directory: String, createIfMissing: Bool) throws(LocalStoreError) {
    let directory = try DataDirectory(path: directory, createIfMissing: createIfMissing)
    do throws(SQLiteError) {
      connection = try DatabaseConnection(path: directory.database)
    } catch { throw LocalStoreError(error) }
    cipher = try LocalSchema(connection: connection).open(key: KeyFile(in: directory))
    try directory.synchronize()
    do throws(SQLiteError) {
      newest = try connection.prepare("SELECT max(version) FROM secret WHERE store = ? AND key = ?")
      insert = try connection.prepare(
        "INSERT INTO secret (store, key, version, created, sealed) VALUES (?, ?, ?, ?, ?)")
      prune = try connection.prepare("DELETE FROM secret WHERE store = ? AND key = ? AND version <= ?")
      selectNewest = try connection.prepare(
        "SELECT version, sealed FROM secret WHERE store = ? AND key = ? ORDER BY version DESC LIMIT 1")
      selectVersion = try connection.prepare(
        "SELECT version, sealed FROM secret WHERE store = ? AND key = ? AND version = ?")
      deleteKey = try connection.prepare("DELETE FROM secret WHERE store = ? AND key = ?")
      dataVersion = try connection.prepare("PRAGMA data_version")
    } catch { throw LocalStoreError(error) }
  }

  func put(_ name: SecretName, _ value: SecretBytes) throws(LocalStoreError) -> Int {
    try name.checkForWriting()
    guard value.count <= LocalDatabase.maximumValueBytes else {
      throw LocalStoreError(
        .valueTooLarge, "the value has \(value.count) bytes, and \(LocalDatabase.maximumValueBytes) is the limit")
    }
    let store = SQLiteValue.text(name.store)
    let key = SQLiteValue.text(name.key)
    defer { changes += 1 }
    return try connection.transaction(mappingErrors: LocalStoreError.init) { () throws(LocalStoreError) -> Int in
      let last = try mappingSQLiteErrors { () throws(SQLiteError) in
        try newest.first(store, key) { $0.integer(0) } ?? 0
      }
      guard (0..<Int64.max).contains(last) else { throw damaged(name) }
      let version = last + 1
      let sealed = try seal(value, name.sealingContext(version: version))
      try mappingSQLiteErrors { () throws(SQLiteError) in
        try insert.run(store, key, .integer(version), .integer(WallClock.nowSeconds), .blob(sealed))
        try prune.run(store, key, .integer(version - Int64(LocalDatabase.keptVersions)))
      }
      return Int(version)
    }
  }

  func get(_ name: SecretName, version: Int?) throws(LocalStoreError) -> SecretBytes {
    let store = SQLiteValue.text(name.store)
    let key = SQLiteValue.text(name.key)
    let found: (version: Int64, sealed: [UInt8])? = try mappingSQLiteErrors { () throws(SQLiteError) in
      if let version {
        try selectVersion.first(store, key, .integer(Int64(version))) { ($0.integer(0), $0.blob(1)) }
      } else {
        try selectNewest.first(store, key) { ($0.integer(0), $0.blob(1)) }
      }
    }
    guard let found else {
      throw LocalStoreError(.notFound, version.map { "no version \($0) of \(name.quoted)" } ?? "no \(name.quoted)")
    }
    do throws(CryptoError) {
      return try cipher.open(found.sealed, authenticating: name.sealingContext(version: found.version))
    } catch { throw damaged(name) }
  }

  /// SQLite's count of what other connections committed, and this one's own.
  func changeMark() throws(LocalStoreError) -> Int64 {
    let others = try mappingSQLiteErrors { () throws(SQLiteError) in try dataVersion.first { $0.integer(0) } ?? 0 }
    return others << 32 ^ changes
  }

  func list(store: String?) throws(LocalStoreError) -> [LocalSecret] {
    try mappingSQLiteErrors { () throws(SQLiteError) in
      // SQLite takes the bare column `created` from the row that has the maximum.
      let columns = "SELECT store, key, max(version), created FROM secret"
      let read: (borrowing Row) -> LocalSecret = { row in
        LocalSecret(
          store: row.text(0), key: row.text(1), version: Int(row.integer(2)), createdAtSeconds: row.integer(3))
      }
      let rest = "GROUP BY store, key ORDER BY store, key"
      guard let store else { return try connection.prepare("\(columns) \(rest)").all(read: read) }
      return try connection.prepare("\(columns) WHERE store = ? \(rest)").all(.text(store), read: read)
    }
  }

  func delete(_ name: SecretName) throws(LocalStoreError) {
    defer { changes += 1 }
    try mappingSQLiteErrors { () throws(SQLiteError) in try deleteKey.run(.text(name.store), .text(name.key)) }
    guard connection.changedRows > 0 else { throw LocalStoreError(.notFound, "no \(name.quoted)") }
    // The log still has the old pages until it is emptied. A reader in another process may hold that up; the key is
    // gone all the same.
    try? connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  private func seal(_ value: SecretBytes, _ context: [UInt8]) throws(LocalStoreError) -> [UInt8] {
    do throws(CryptoError) {
      return try value.withBytes { bytes throws(CryptoError) in try cipher.seal(bytes, authenticating: context) }
    } catch {
      throw LocalStoreError(.database, "the value cannot be encrypted: \(error)")
    }
  }

  private func damaged(_ name: SecretName) -> LocalStoreError {
    LocalStoreError(.damaged, "the stored value of \(name.quoted) is damaged: put it again or restore a backup")
  }
}
