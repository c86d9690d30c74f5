import Crypto
import FederationAPI
import Glibc

/// `secrets.key`: 32 random bytes, readable by its owner alone.
struct KeyFile {
  private let directory: DataDirectory
  var path: String { directory.path + "/secrets.key" }

  init(in directory: DataDirectory) { self.directory = directory }

  /// The key, or nil when there is no file. Refuses a file that group or others have any right to.
  func read() throws(LocalStoreError) -> SecretBytes? {
    var bytes: [UInt8]
    do throws(RPCError) {
      guard
        let found = try BoundedFile.read(path, limit: AES256GCM.keyByteCount, purpose: "key file", isPrivate: true)
      else { return nil }
      bytes = found
    } catch { throw LocalStoreError(.keyFile, error.message) }
    defer { wipe(&bytes) }
    guard bytes.count == AES256GCM.keyByteCount else {
      throw LocalStoreError(.keyFile, "the key file \(path) has less than \(AES256GCM.keyByteCount) bytes: restore it")
    }
    return SecretBytes(bytes)
  }

  /// Makes a key that is durable when this returns. Fails when the file exists.
  ///
  /// The bytes go to a file of another name first, so that no reader and no crash ever meets half a key.
  func create() throws(LocalStoreError) -> SecretBytes {
    var bytes: [UInt8]
    do throws(CryptoError) {
      bytes = try SecureRandom.bytes(AES256GCM.keyByteCount)
    } catch { throw LocalStoreError(.keyFile, "cannot make a key: \(error)") }
    defer { wipe(&bytes) }
    let draft = "\(path).\(getpid())"
    // What a process of the same id left behind when it was killed is no key of anything.
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw cannotCreate() }
    defer { unlink(draft) }
    let isWritten = write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
    let isClosed = close(descriptor) == 0
    // Unlike rename(2), link(2) refuses a name that is taken.
    guard isWritten, isClosed, link(draft, path) == 0 else { throw cannotCreate() }
    try directory.synchronize()
    return SecretBytes(bytes)
  }

  private func cannotCreate() -> LocalStoreError {
    LocalStoreError(.keyFile, "cannot create the key file \(path): \(systemReason())")
  }
}

/// Overwrites `bytes` in a way that the compiler does not leave out.
func wipe(_ bytes: inout [UInt8]) {
  bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
}
