import CFederationProto
import Glibc

/// The memory of one message while it is decoded: given out from front to back, never taken back, and wiped
/// at the end, because requests hold names and answers hold secrets.
struct MessageArena: ~Copyable {
  private let storage: UnsafeMutableRawBufferPointer
  private var used = 0
  /// Whether protobuf-c asked for more than there is.
  private(set) var isExhausted = false

  /// Gives out `storage`, which stays the caller's to free.
  init(_ storage: UnsafeMutableRawBufferPointer) {
    self.storage = storage
  }

  deinit {
    if let start = storage.baseAddress { explicit_bzero(start, used) }
  }

  /// `size` bytes, aligned for any C type, or nil when the arena is exhausted.
  mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
    guard let base = storage.baseAddress, size >= 0, size <= storage.count - used else {
      isExhausted = true
      return nil
    }
    let start = base + used
    used = min(storage.count, (used + size + Self.alignment - 1) & ~(Self.alignment - 1))
    return start
  }

  /// Lends a protobuf-c allocator over this arena to `body`; no pointer from it may outlive `body`.
  mutating func withAllocator<Result>(_ body: (UnsafeMutablePointer<ProtobufCAllocator>) -> Result) -> Result {
    withUnsafeMutablePointer(to: &self) { arena in
      var allocator = ProtobufCAllocator(
        alloc: { data, size in data?.assumingMemoryBound(to: MessageArena.self).pointee.allocate(size) },
        free: { _, _ in },
        allocator_data: UnsafeMutableRawPointer(arena))
      return withUnsafeMutablePointer(to: &allocator, body)
    }
  }

  /// That of `max_align_t`.
  static let alignment = 16

  /// What fits on the stack; most requests after Authenticate do.
  static let stackCapacity = 1_024

  /// What a message of `count` bytes may take at most. Well-formed messages need about twice their size; the
  /// rest is for small fields, whose bookkeeping is larger than they are.
  static func heapCapacity(payload count: Int) -> Int { 4_096 + 8 * count }
}
