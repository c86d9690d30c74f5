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
    let mask = Mask.shared.bytes
    bytes.withUnsafeBytes { source in
      for index in 0..<source.count { fresh[index] = source[index] ^ mask[index] }
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
    let mask = Mask.shared.bytes
    return bytes.withUnsafeBytes { source in
      var difference: UInt64 = 0
      var offset = 0
      while offset + 8 <= source.count {
        let kept = storage.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let masking = mask.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        difference |= kept ^ masking ^ source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        offset += 8
      }
      while offset < source.count {
        difference |= UInt64(storage[offset] ^ mask[offset] ^ source[offset])
        offset += 1
      }
      return difference == 0
    }
  }
}

/// The process's mask.
private final class Mask: @unchecked Sendable {
  // Why @unchecked holds: the bytes are written in init only.
  static let shared = Mask()
  let bytes: UnsafeRawBufferPointer

  private init() {
    let random = UnsafeMutableRawBufferPointer.allocate(byteCount: MaskedBytes.maximumCount, alignment: 8)
    var generator = SystemRandomNumberGenerator()
    for index in random.indices { random[index] = UInt8.random(in: .min ... .max, using: &generator) }
    bytes = UnsafeRawBufferPointer(random)
  }
}
