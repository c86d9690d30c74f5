import CLinux

/// A growing queue of bytes: appended at the tail, consumed at the head, wiped before its memory is given back.
///
/// It owns no memory while it is empty, so that an idle connection costs none.
struct ByteBuffer: ~Copyable {
  private var storage: UnsafeMutableRawPointer?
  /// Bytes of memory that it owns.
  private(set) var capacity = 0
  private var head = 0
  private var tail = 0

  deinit { ByteBuffer.release(storage, capacity) }

  var count: Int { tail - head }
  var isEmpty: Bool { head == tail }

  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: storage.map { UnsafeRawPointer($0 + head) }, count: count)
  }

  mutating func append(_ source: UnsafeRawBufferPointer) {
    guard source.count > 0, let start = source.baseAddress else { return }
    reserve(source.count).copyMemory(from: start, byteCount: source.count)
    tail += source.count
  }

  /// Room for `count` bytes at the tail; ``commit(_:)`` says how many of them were written.
  mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
    if let storage, capacity - tail >= count { return storage + tail }
    let used = tail - head
    if let storage, used <= head, capacity - used >= count {
      // The consumed front is room enough. Moving costs no more than what was consumed since the last move.
      storage.copyMemory(from: storage + head, byteCount: used)
      head = 0
      tail = used
      return storage + used
    }
    let wanted = max(used + count, min(capacity * 2, 1 << 24), 4096)
    let fresh = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
    if let storage { fresh.copyMemory(from: storage + head, byteCount: used) }
    ByteBuffer.release(storage, capacity)
    storage = fresh
    capacity = wanted
    head = 0
    tail = used
    return fresh + used
  }

  mutating func commit(_ count: Int) { tail += count }

  mutating func consume(_ count: Int) {
    head += count
    if head == tail { clear() }
  }

  mutating func clear() {
    ByteBuffer.release(storage, capacity)
    storage = nil
    capacity = 0
    head = 0
    tail = 0
  }

  private static func release(_ storage: UnsafeMutableRawPointer?, _ capacity: Int) {
    guard let storage else { return }
    explicit_bzero(storage, capacity)
    storage.deallocate()
  }
}
