import CLinux

/// Bytes that have to be recognised when they come again, but must not lie readable in memory: a copy under a random
/// mask that each process makes for itself. The mask is in memory too, so this keeps a token out of a core dump's
/// strings and out of a stray read, not from somebody who can read all of the process.
public struct MaskedBytes: ~Copyable {
  /// What is longer is not kept.
  public static let maximumCount = Limits.token + 16

  private var storage: UnsafeMutableRawBufferPointer?

  /// Starts without any bytes, which equal nothing.
  public init() {}

  deinit { storage?.deallocate() }

  /// Keeps `bytes` in place of what was kept.
  public mutating func keep(_ bytes: RawSpan) {
    forget()
    guard bytes.byteCount > 0, bytes.byteCount <= MaskedBytes.maximumCount else { return }
    let fresh = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.byteCount, alignment: 8)
    let mask = Mask.shared.start
    bytes.withUnsafeBytes { source in
      for index in 0..<source.count { fresh[index] = source[index] ^ (mask + index).load(as: UInt8.self) }
    }
    storage = fresh
  }

  /// Keeps nothing.
  public mutating func forget() {
    storage?.deallocate()
    storage = nil
  }

  /// Whether `bytes` are those that are kept. The time depends on the lengths only.
  public func isEqual(to bytes: RawSpan) -> Bool {
    guard let storage, storage.count == bytes.byteCount else { return false }
    return bytes.withUnsafeBytes { source in
      guard let kept = storage.baseAddress, let given = source.baseAddress else { return false }
      return MaskedBytes.isSame(kept, Mask.shared.start, given, count: source.count)
    }
  }

  /// All three have `count` bytes.
  private static func isSame(
    _ kept: UnsafeRawPointer, _ mask: UnsafeRawPointer, _ given: UnsafeRawPointer, count: Int
  ) -> Bool {
    typealias Block = SIMD8<UInt64>
    let blockBytes = 64
    var differences = Block()
    var offset = 0
    while offset + blockBytes <= count {
      let keptBlock = (kept + offset).loadUnaligned(as: Block.self)
      let maskBlock = (mask + offset).loadUnaligned(as: Block.self)
      differences |= keptBlock ^ maskBlock ^ (given + offset).loadUnaligned(as: Block.self)
      offset += blockBytes
    }
    var difference = differences[0]
    for lane in 1..<Block.scalarCount { difference |= differences[lane] }
    while offset < count {
      difference |= UInt64(
        (kept + offset).load(as: UInt8.self) ^ (mask + offset).load(as: UInt8.self)
          ^ (given + offset).load(as: UInt8.self))
      offset += 1
    }
    return difference == 0
  }
}

/// The process's mask.
private final class Mask: @unchecked Sendable {
  // Why @unchecked holds: the bytes are written in init only.
  static let shared = Mask()
  /// ``MaskedBytes/maximumCount`` bytes.
  let start: UnsafeRawPointer

  private init() {
    let words = (MaskedBytes.maximumCount + 7) / 8
    let random = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
    var generator = SystemRandomNumberGenerator()
    for index in 0..<words { (random + index).initialize(to: generator.next()) }
    start = UnsafeRawPointer(random)
  }
}
