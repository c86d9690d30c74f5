import CLinux

/// A growing queue of bytes: appended at the tail, consumed at the head, wiped before its memory is given back.
///
/// A connection's own buffers hold no memory while they are empty, so that an idle connection costs none.
struct ByteBuffer: ~Copyable {
  private var storage: UnsafeMutableRawPointer?
  /// Bytes of memory that it owns.
  private(set) var capacity = 0
  private var head = 0
  private var tail = 0
  /// Bytes from the start that may have been written since the memory was last wiped.
  private var touched = 0
  private let keepsMemory: Bool

  init() { keepsMemory = false }

  /// A buffer that keeps its memory while it is empty: ``EventLoop`` lends such to one connection after another.
  init(capacity: Int) {
    storage = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    self.capacity = capacity
    keepsMemory = true
  }

  deinit { ByteBuffer.release(storage, touched) }

  var count: Int { tail - head }
  var isEmpty: Bool { head == tail }

  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: storage.map { UnsafeRawPointer($0 + head) }, count: count)
  }

  mutating func append(_ source: UnsafeRawBufferPointer) {
    guard source.count > 0, let start = source.baseAddress else { return }
    reserve(source.count).copyMemory(from: start, byteCount: source.count)
    commit(source.count)
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
    let wanted = max(used + count, min(capacity * 2, 1 << 24), 1_024)
    let fresh = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
    if let storage { fresh.copyMemory(from: storage + head, byteCount: used) }
    ByteBuffer.release(storage, touched)
    storage = fresh
    capacity = wanted
    head = 0
    tail = used
    touched = used
    return fresh + used
  }

  mutating func commit(_ count: Int) {
    tail += count
    touched = max(touched, tail)
  }

  mutating func consume(_ count: Int) {
    head += count
    guard head == tail else { return }
    if keepsMemory {
      head = 0
      tail = 0
    } else {
      clear()
    }
  }

  mutating func clear() {
    ByteBuffer.release(storage, touched)
    storage = nil
    capacity = 0
    head = 0
    tail = 0
    touched = 0
  }

  /// Empties the buffer and wipes what was written, but keeps the memory for the next use.
  mutating func recycle() {
    if let storage { explicit_bzero(storage, touched) }
    head = 0
    tail = 0
    touched = 0
  }

  private static func release(_ storage: UnsafeMutableRawPointer?, _ touched: Int) {
    guard let storage else { return }
    explicit_bzero(storage, touched)
    storage.deallocate()
  }
}
