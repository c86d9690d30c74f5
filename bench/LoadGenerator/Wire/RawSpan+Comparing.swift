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
    return extracting(range).withUnsafeBytes { own in
      text.withUnsafeBytes { other in
        guard let first = own.baseAddress, let second = other.baseAddress else { return own.isEmpty }
        return memcmp(first, second, own.count) == 0
      }
    }
  }

  /// Whether the bytes in `range` are exactly `text`.
  func equals(_ text: [UInt8], in range: Range<Int>) -> Bool {
    range.count == text.count && starts(with: text, in: range)
  }

  /// Whether each byte in `range` is the one `period` before it, from the second period on.
  func repeats(in range: Range<Int>, period: Int) -> Bool {
    guard range.count > period else { return true }
    return extracting(range).withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return true }
      return memcmp(start, start + period, bytes.count - period) == 0
    }
  }

  /// Where the first `byte` at or after `offset` stands.
  func first(_ byte: UInt8, from offset: Int) -> Int? {
    extracting(offset..<byteCount).withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, let found = memchr(start, Int32(byte), bytes.count) else { return nil }
      return offset + UnsafeRawPointer(found).bytes(since: start)
    }
  }
}

extension UnsafeRawPointer {
  fileprivate func bytes(since start: UnsafeRawPointer) -> Int { self - start }
}
