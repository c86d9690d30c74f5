import CLinux

/// Where secrets lie: wiped before it is given back.
final class SecretMemory: @unchecked Sendable {
  // Why @unchecked holds: the bytes are written by whoever made the object before anybody else has it, and by deinit,
  // when nobody has it any more.
  let start: UnsafeMutableRawPointer
  private let byteCount: Int
  private let isMapped: Bool

  /// Holds a copy of `bytes`.
  init(copying bytes: RawSpan) {
    byteCount = bytes.byteCount
    isMapped = false
    start = .allocate(byteCount: max(1, byteCount), alignment: 8)
    bytes.withUnsafeBytes { if let source = $0.baseAddress { start.copyMemory(from: source, byteCount: byteCount) } }
  }

  /// From this size on a mapping of its own pays: that of a huge page. A server may have thousands of small stores, and
  /// a process only so many mappings.
  private static let mappedBytes = 2 << 20

  /// Room for a whole table's secrets, zeroed.
  init(tableBytes: Int) {
    byteCount = max(1, tableBytes)
    isMapped = byteCount >= SecretMemory.mappedBytes
    guard isMapped else {
      start = .allocate(byteCount: byteCount, alignment: 8)
      start.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
      return
    }
    guard let mapped = clinux_map_table(byteCount) else { fatalError("no memory for a table of \(tableBytes) bytes") }
    start = mapped
  }

  deinit {
    if isMapped {
      // The system clears pages before anybody gets them again, and needs no second for it on an event loop's thread.
      munmap(start, byteCount)
    } else {
      explicit_bzero(start, byteCount)
      start.deallocate()
    }
  }
}
