import FederationAPI
import Glibc

extension RawSpan {
  /// The byte at `offset`, which is checked.
  func byte(_ offset: Int) -> UInt8 { unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

  /// The big-endian number of four bytes at `offset`, which is checked.
  func bigEndian32(_ offset: Int) -> UInt32 {
    UInt32(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// Whether the bytes in `range` are the first ones of `text`, which must not be the shorter of the two.
  func starts(with text: [UInt8], in range: Range<Int>) -> Bool {
    guard text.count >= range.count else { return false }
    return extracting(range).isEqual(to: text.span.bytes.extracting(0..<range.count))
  }

  /// Whether the bytes in `range` are exactly `text`.
  func equals(_ text: [UInt8], in range: Range<Int>) -> Bool {
    extracting(range).isEqual(to: text)
  }

  /// Whether each byte in `range` is the one `period` before it, from the second period on.
  func repeats(in range: Range<Int>, period: Int) -> Bool {
    guard range.count > period else { return true }
    return extracting(range).withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return true }
      return memcmp(start, start + period, bytes.count - period) == 0
    }
  }

  /// The bytes in `range` as text, nil when they are no UTF-8.
  func text(_ range: Range<Int>) -> String? {
    extracting(range).withUnsafeBytes { String(validating: $0, as: UTF8.self) }
  }
}
