import FederationProto

/// The ten bytes before every frame's data. All integers are big-endian.
///
/// Source: containerd/ttrpc, PROTOCOL.md, "Message Frame".
struct FrameHeader: Equatable {
  /// What a frame is; other numbers are left for the future and ignored.
  enum Kind {
    static let request: UInt8 = 1
    static let response: UInt8 = 2
    static let data: UInt8 = 3
  }

  /// Bits of the last byte.
  enum Flags {
    /// The sender sends no more on this stream.
    static let remoteClosed: UInt8 = 1
    /// The sender of a Request goes on with Data frames.
    static let remoteOpen: UInt8 = 2
    /// A Data frame without a message.
    static let noData: UInt8 = 4
  }

  /// Bytes that a header takes.
  static let byteCount = 10

  /// Bytes of data after the header.
  var length: Int
  /// Odd for streams that a client opened.
  var streamID: UInt32
  /// One of ``Kind``, or something unknown.
  var kind: UInt8
  /// Some of ``Flags``.
  var flags: UInt8

  init(length: Int, streamID: UInt32, kind: UInt8, flags: UInt8 = 0) {
    self.length = length
    self.streamID = streamID
    self.kind = kind
    self.flags = flags
  }

  /// Reads the header at `offset`, where there must be ten bytes.
  init(_ bytes: RawSpan, at offset: Int) {
    length = Int(FrameHeader.integer(bytes, at: offset))
    streamID = FrameHeader.integer(bytes, at: offset + 4)
    kind = bytes.byte(at: offset + 8)
    flags = bytes.byte(at: offset + 9)
  }

  /// The header as it goes over the wire.
  var bytes: InlineArray<10, UInt8> {
    let length = UInt32(truncatingIfNeeded: length)
    return [
      UInt8(truncatingIfNeeded: length >> 24), UInt8(truncatingIfNeeded: length >> 16),
      UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
      UInt8(truncatingIfNeeded: streamID >> 24), UInt8(truncatingIfNeeded: streamID >> 16),
      UInt8(truncatingIfNeeded: streamID >> 8), UInt8(truncatingIfNeeded: streamID), kind, flags,
    ]
  }

  private static func integer(_ bytes: RawSpan, at offset: Int) -> UInt32 {
    UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
}
