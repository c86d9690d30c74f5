import CLinux
import Crypto

/// Presence by locks on single bytes of `ledger.lock`: byte 0 for who leads, one byte for each instance.
///
/// The locks belong to this object's open file, so they end with the process however it ends. They work between
/// processes of one machine; SQLite's own locks ask for that as well.
actor LockFilePresence: LedgerPresence {
  private static let leader: Int64 = 0

  private let path: String
  private let own: Int64
  /// -1 when there is none.
  private var descriptor: Int32 = -1
  private var isClosed = false

  init(path: String, instance: String) throws(LedgerError) {
    self.path = path
    own = Self.byte(of: instance)
    descriptor = try Self.open(path, own: own)
  }

  deinit { if descriptor >= 0 { CLinux.close(descriptor) } }

  func show() throws(LedgerError) {
    guard !isClosed else { throw LedgerError(.unavailable, "the ledger is closed") }
    // Somebody who removed the file took every lock from the sight of those who come after.
    if descriptor >= 0, clinux_is_file_at(descriptor, path) == 1 { return }
    letGo()
    descriptor = try Self.open(path, own: own)
  }

  func leads() throws(LedgerError) -> Bool {
    try show()
    return try Self.checked(clinux_lock_byte(descriptor, Self.leader), path)
  }

  func dead(among instances: Set<String>) throws(LedgerError) -> Set<String> {
    try show()
    var dead: Set<String> = []
    for instance in instances {
      let byte = Self.byte(of: instance)
      let isHeld = try Self.checked(clinux_byte_is_locked(descriptor, byte), path)
      if byte != own, !isHeld { dead.insert(instance) }
    }
    return dead
  }

  func close() {
    isClosed = true
    letGo()
  }

  private func letGo() {
    if descriptor >= 0 { CLinux.close(descriptor) }
    descriptor = -1
  }

  private static func open(_ path: String, own: Int64) throws(LedgerError) -> Int32 {
    let descriptor = clinux_open_lock_file(path)
    guard try checked(descriptor, path, or: 0), try checked(clinux_lock_byte(descriptor, own), path) else {
      throw LedgerError(.unusable, "another process has this one's place in \(path)")
    }
    return descriptor
  }

  private static func checked(_ result: Int32, _ path: String, or least: Int32 = 1) throws(LedgerError) -> Bool {
    guard result >= 0 else {
      throw LedgerError(.unavailable, "cannot lock \(path): \(String(cString: strerror(clinux_errno())))")
    }
    return result >= least
  }

  /// Far past any byte that is written; 62 bits, so that two instances do not meet.
  private static func byte(of instance: String) -> Int64 {
    let digest = SHA256.digest("ese-federation ledger instance \(instance)")
    return digest.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) } & (1 << 62 - 1) | 1
  }
}
