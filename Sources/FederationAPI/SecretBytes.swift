import CLinux

/// A secret's bytes: one buffer, never printed, wiped when its last owner lets go.
///
/// Passing it on shares the buffer; only the wire that sends the bytes copies them.
public struct SecretBytes: @unchecked Sendable {
  // Why @unchecked holds: header and elements are written only in init and the storage's deinit, when no other thread
  // can hold a reference.
  private let storage: Storage

  private struct Header {
    /// Bytes of the label, which stand first.
    var labelCount: Int
    /// Bytes of the secret, which follow.
    var count: Int
  }

  private final class Storage: ManagedBuffer<Header, UInt8> {
    deinit {
      withUnsafeMutablePointers { header, bytes in
        explicit_bzero(bytes, header.pointee.labelCount + header.pointee.count)
      }
    }
  }

  /// Copies `bytes`; the caller's own copy stays the caller's to wipe.
  ///
  /// `label` is what the secret is looked up by, if it is: kept beside it, so that a lookup in a large table touches
  /// one place in memory and not two.
  public init(_ bytes: RawSpan, label: RawSpan = RawSpan()) {
    let made = Storage.create(minimumCapacity: bytes.byteCount + label.byteCount) { _ in
      Header(labelCount: label.byteCount, count: bytes.byteCount)
    }
    made.withUnsafeMutablePointerToElements { start in
      let room = UnsafeMutableRawPointer(start)
      label.withUnsafeBytes { if let from = $0.baseAddress { room.copyMemory(from: from, byteCount: $0.count) } }
      bytes.withUnsafeBytes {
        if let from = $0.baseAddress { (room + label.byteCount).copyMemory(from: from, byteCount: $0.count) }
      }
    }
    // `create` makes an instance of the class that it is called on, and says so only as its superclass.
    storage = unsafeDowncast(made, to: Storage.self)
  }

  /// Copies the UTF-8 of `text`.
  public init(_ text: String) {
    self.init(text.utf8.span.bytes)
  }

  /// Copies `bytes`.
  public init(_ bytes: [UInt8]) {
    self.init(bytes.span.bytes)
  }

  /// The number of bytes.
  public var count: Int { storage.header.count }

  /// Lends the bytes to `body`.
  public func withBytes<Result, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try storage.withUnsafeMutablePointers { header, bytes throws(Failure) in
      let start = UnsafeRawPointer(bytes) + header.pointee.labelCount
      return try body(UnsafeRawBufferPointer(start: start, count: header.pointee.count).bytes)
    }
  }

  /// Whether the label's bytes are those of `name`.
  public func isLabelled(_ name: RawSpan) -> Bool {
    storage.withUnsafeMutablePointers { header, bytes in
      UnsafeRawBufferPointer(start: bytes, count: header.pointee.labelCount).bytes.isEqual(to: name)
    }
  }

  /// The bytes as text, or nil when they are not UTF-8.
  public var text: String? {
    withBytes { bytes in bytes.withUnsafeBytes { String(validating: $0, as: UTF8.self) } }
  }
}

extension SecretBytes: Equatable {
  /// Compares in time that depends on the lengths only. Labels do not count.
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
