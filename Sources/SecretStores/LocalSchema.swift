import Crypto
import FederationAPI
import SQLite

/// The tables of `secrets.db`, and the proof that its key is the right one.
///
/// A fixed text is sealed under the key when the database is made. Opening it tells a wrong key from damaged values,
/// and a database that has it must not be given a new key.
struct LocalSchema {
  private static let version: Int64 = 1
  private static let checkText = "the key of this database"
  private static let checkContext = Array("ese-federation local key check 1".utf8)

  let connection: DatabaseConnection

  /// Makes tables and key where they are missing and returns the cipher.
  func open(key file: KeyFile) throws(LocalStoreError) -> AES256GCM {
    try mappingSQLiteErrors { () throws(SQLiteError) in try connection.execute("PRAGMA secure_delete = ON") }
    if let sealed = try sealedCheck() { return try cipher(file, proving: sealed) }
    // Of two processes that make the database at once, the second waits here and then finds what the first made.
    return try connection.transaction(mappingErrors: LocalStoreError.init) { () throws(LocalStoreError) in
      if let sealed = try sealedCheck() { return try cipher(file, proving: sealed) }
      return try create(file)
    }
  }

  /// The sealed text, or nil in a database that has none yet.
  private func sealedCheck() throws(LocalStoreError) -> [UInt8]? {
    let found = try mappingSQLiteErrors { () throws(SQLiteError) in
      try connection.prepare("PRAGMA user_version").first { $0.integer(0) } ?? 0
    }
    guard found <= Self.version else {
      throw LocalStoreError(
        .newerSchema, "the database has format \(found), and this program knows \(Self.version): use a newer program")
    }
    guard found == Self.version else { return nil }
    let sealed = try mappingSQLiteErrors { () throws(SQLiteError) in
      try connection.prepare("SELECT sealed FROM key_check").first { $0.blob(0) }
    }
    guard let sealed else {
      throw LocalStoreError(.damaged, "the database has lost its key check: restore secrets.db from a backup")
    }
    return sealed
  }

  private func create(_ file: KeyFile) throws(LocalStoreError) -> AES256GCM {
    let key = if let key = try file.read() { key } else { try file.create() }
    let cipher = try cipher(key)
    let text = Self.checkText.utf8.span.bytes
    let sealed: [UInt8]
    do throws(CryptoError) {
      sealed = try cipher.seal(text, authenticating: Self.checkContext)
    } catch { throw LocalStoreError(.keyFile, "the key cannot be used: \(error)") }
    try mappingSQLiteErrors { () throws(SQLiteError) in
      try connection.execute(
        """
        CREATE TABLE key_check (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT;
        CREATE TABLE secret (
          store TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL CHECK (version > 0),
          created INTEGER NOT NULL, sealed BLOB NOT NULL, UNIQUE (store, key, version)) STRICT;
        PRAGMA user_version = \(Self.version);
        """)
      try connection.prepare("INSERT INTO key_check (id, sealed) VALUES (1, ?)").run(.blob(sealed))
    }
    return cipher
  }

  private func cipher(_ file: KeyFile, proving sealed: [UInt8]) throws(LocalStoreError) -> AES256GCM {
    guard let key = try file.read() else {
      throw LocalStoreError(
        .keyFile, "the key file \(file.path) is missing, and the database cannot be read without it: restore it")
    }
    let cipher = try cipher(key)
    let text = try? cipher.open(sealed, authenticating: Self.checkContext).text
    guard text == Self.checkText else {
      throw LocalStoreError(
        .wrongKey, "\(file.path) is not the key that the database was made with: restore the right one")
    }
    return cipher
  }

  private func cipher(_ key: SecretBytes) throws(LocalStoreError) -> AES256GCM {
    do throws(CryptoError) {
      return try AES256GCM(key: key)
    } catch { throw LocalStoreError(.keyFile, "the key cannot be used: \(error)") }
  }
}
