import Glibc

/// Texts that were read lately, so that what many manifests repeat (issuers, versions, long field names) is stored
/// once and made once.
public struct RepeatedText: ~Copyable {
  /// Shorter text needs no memory of its own, longer text hardly ever repeats.
  private static let lengths = 16...128
  /// A power of two: texts whose hashes agree displace each other.
  private static let slots = 256

  private var texts: [String]

  /// Knows no text yet.
  public init() { texts = Array(repeating: "", count: Self.slots) }

  /// `bytes` as text, which libyaml has checked to be UTF-8.
  mutating func text(_ bytes: UnsafeRawBufferPointer) -> String {
    guard Self.lengths.contains(bytes.count) else { return String(decoding: bytes, as: UTF8.self) }
    let slot = Self.slot(of: bytes)
    let known = texts[slot].utf8.span.bytes.withUnsafeBytes { $0.count == bytes.count && Self.areEqual($0, bytes) }
    if !known { texts[slot] = String(decoding: bytes, as: UTF8.self) }
    return texts[slot]
  }

  /// Texts of one kind differ at their ends, if anywhere.
  private static func slot(of bytes: UnsafeRawBufferPointer) -> Int {
    let first = bytes.loadUnaligned(as: UInt64.self)
    let last = bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)
    let mixed = (first ^ (last << 23 | last >> 41) ^ UInt64(bytes.count)) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 56) & (slots - 1)
  }

  /// For two of one length.
  private static func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard let start = left.baseAddress, let other = right.baseAddress else { return true }
    return memcmp(start, other, left.count) == 0
  }
}
