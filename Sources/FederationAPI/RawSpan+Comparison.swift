import CLinux

extension RawSpan {
  /// Feeds the bytes to `hasher`, whose seed nobody outside knows: for tables whose keys callers choose.
  public func hash(into hasher: inout Hasher) { withUnsafeBytes { hasher.combine(bytes: $0) } }

  /// Whether the bytes are exactly those of `other`.
  public func isEqual(to other: RawSpan) -> Bool {
    guard byteCount == other.byteCount else { return false }
    return withUnsafeBytes { left in
      other.withUnsafeBytes { right in
        guard let left = left.baseAddress, let start = right.baseAddress else { return true }
        return memcmp(left, start, right.count) == 0
      }
    }
  }

  /// Whether the bytes are exactly those of `other`.
  public func isEqual(to other: [UInt8]) -> Bool { isEqual(to: other.span.bytes) }

  /// Whether the bytes are exactly those of `text`.
  public func isEqual(to text: StaticString) -> Bool {
    byteCount == text.utf8CodeUnitCount && starts(with: text)
  }

  /// Whether the first bytes are those of `text`.
  public func starts(with text: StaticString) -> Bool {
    guard byteCount >= text.utf8CodeUnitCount else { return false }
    return withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return true }
      return memcmp(start, text.utf8Start, text.utf8CodeUnitCount) == 0
    }
  }

  /// Whether the bytes are UTF-8 (RFC 3629).
  public var isUTF8: Bool {
    withUnsafeBytes { raw in
      raw.withMemoryRebound(to: UInt8.self) { (try? UTF8Span(validating: $0.span)) != nil }
    }
  }

  /// The offset of the first `byte` from `start` on, nil when there is none.
  public func firstIndex(of byte: UInt8, from start: Int) -> Int? {
    withUnsafeBytes { bytes in
      guard start < bytes.count, let base = bytes.baseAddress,
        let found = memchr(base + start, Int32(byte), bytes.count - start)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }

  /// A hash for tables whose keys an operator chose: fast and well spread, but not against somebody who may choose
  /// the keys. Eight bytes a step, mixed by multiplication to 128 bits.
  public var tableHash: UInt64 {
    withUnsafeBytes { bytes in
      var hash = 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: bytes.count)
      var offset = 0
      while offset + 8 <= bytes.count {
        hash = mixed(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        offset += 8
      }
      var rest: UInt64 = 0
      while offset < bytes.count {
        rest = rest << 8 | UInt64(bytes[offset])
        offset += 1
      }
      return mixed(hash, rest)
    }
  }
}

private func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
  let product = (hash ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
  return product.high ^ product.low ^ hash
}
