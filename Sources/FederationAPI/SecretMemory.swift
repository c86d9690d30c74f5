import CLinux

/// Where secrets lie: wiped before it is given back.
final class SecretMemory: @unchecked Sendable {
  // Why @unchecked holds: the bytes are written by whoever made the object before anybody else has it, and by deinit,
  // when nobody has it any more.
  let start: UnsafeMutableRawPointer
  private let byteCount: Int
  private let isTable: Bool

  /// Holds a copy of `bytes`.
  init(copying bytes: RawSpan) {
    byteCount = bytes.byteCount
    isTable = false
    start = SecretHeap.allocate(byteCount)
    bytes.withUnsafeBytes { if let source = $0.baseAddress { start.copyMemory(from: source, byteCount: byteCount) } }
  }

  /// From this size on huge pages pay.
  private static let hugePageBytes = 2 << 20

  /// Room for a whole table's secrets, zeroed.
  init(tableBytes: Int) {
    byteCount = max(1, tableBytes)
    isTable = byteCount >= SecretMemory.hugePageBytes
    guard isTable else {
      start = SecretHeap.allocate(byteCount)
      start.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
      return
    }
    guard let mapped = clinux_map_table(byteCount) else { fatalError("no memory for a table of \(tableBytes) bytes") }
    start = mapped
  }

  deinit {
    if isTable {
      // The system clears pages before anybody gets them again, and needs no second for it on an event loop's thread.
      munmap(start, byteCount)
    } else {
      SecretHeap.free(start, byteCount)
    }
  }
}
