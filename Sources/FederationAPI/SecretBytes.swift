import CLinux

/// A secret's bytes: one buffer, never printed, wiped when its last owner lets go.
///
/// Passing it on shares the buffer; only the wire that sends the bytes copies them.
public final class SecretBytes: @unchecked Sendable {
  // Why @unchecked holds: the bytes behind the one stored pointer are written only in init and
  // deinit, when no other thread can hold a reference.
  private let storage: UnsafeMutableRawBufferPointer

  /// Copies `bytes`; the caller's own copy stays the caller's to wipe.
  public init(_ bytes: RawSpan) {
    storage = .allocate(byteCount: bytes.byteCount, alignment: 1)
    bytes.withUnsafeBytes { storage.copyMemory(from: $0) }
  }

  /// Copies the UTF-8 of `text`.
  public convenience init(_ text: String) {
    self.init(text.utf8.span.bytes)
  }

  /// Copies `bytes`.
  public convenience init(_ bytes: [UInt8]) {
    self.init(bytes.span.bytes)
  }

  deinit {
    if let start = storage.baseAddress { explicit_bzero(start, storage.count) }
    storage.deallocate()
  }

  /// The number of bytes.
  public var count: Int { storage.count }

  /// Lends the bytes to `body`.
  public func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(storage).bytes)
  }

  /// The bytes as text, or nil when they are not UTF-8.
  public var text: String? {
    withBytes { bytes in bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) } }
  }
}

extension SecretBytes: Equatable {
  /// Compares in time that depends on the lengths only.
  public static func == (left: SecretBytes, right: SecretBytes) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in 0..<left.count { difference |= left.storage[index] ^ right.storage[index] }
    return difference == 0
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
