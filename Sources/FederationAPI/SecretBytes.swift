import CLinux

/// A secret's bytes: one buffer, never printed, wiped when its last owner lets go.
///
/// Passing it on shares the buffer; only the wire that sends the bytes copies them.
public struct SecretBytes: Sendable {
  private let memory: SecretMemory
  private let start: Int
  /// The number of bytes.
  public let count: Int

  /// Those in `range` of `memory`, which lie there unchanged from now on.
  init(_ memory: SecretMemory, _ range: Range<Int>) {
    self.memory = memory
    start = range.lowerBound
    count = range.count
  }

  /// Copies `bytes`; the caller's own copy stays the caller's to wipe.
  public init(_ bytes: RawSpan) {
    memory = SecretMemory(copying: bytes)
    start = 0
    count = bytes.byteCount
  }

  /// Copies the UTF-8 of `text`.
  public init(_ text: String) {
    self.init(text.utf8.span.bytes)
  }

  /// Copies `bytes`.
  public init(_ bytes: [UInt8]) {
    self.init(bytes.span.bytes)
  }

  /// Copies `bytes` and wipes them, for a secret that was put together byte by byte.
  public init(wiping bytes: inout [UInt8]) {
    self.init(bytes.span.bytes)
    bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
  }

  /// Lends the bytes to `body`.
  public func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: memory.start + start, count: count).bytes)
  }

  /// A copy of the bytes, which is the caller's to wipe.
  public var copied: [UInt8] { withBytes { bytes in bytes.withUnsafeBytes { Array($0) } } }

  /// The bytes as text, or nil when they are not UTF-8.
  public var text: String? {
    withBytes { bytes in bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) } }
  }
}

extension SecretBytes: Equatable {
  /// Compares in time that depends on the lengths only.
  public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
    guard left.count == right.count else { return false }
    return left.withBytes { left in
      right.withBytes { right in
        var difference: UInt8 = 0
        for index in 0..<left.byteCount {
          difference |=
            left.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            ^ right.unsafeLoad(fromByteOffset: index, as: UInt8.self)
        }
        return difference == 0
      }
    }
  }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The length only.
  public var description: String { "<\(count) secret bytes>" }
  /// The length only.
  public var debugDescription: String { description }
  /// Shows no member, so that `dump` shows no byte.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
