import CZlib
import FederationAPI
import FederationProto

/// Undoes gzip (RFC 1952) up to a size: a thousand bytes can stand for a million.
enum GzipDecoder {
  static func decode(_ bytes: [UInt8], maximum: Int) -> Result<[UInt8], RPCError> {
    var stream = z_stream()
    guard czlib_gzip_inflate_init(&stream) == Z_OK else {
      return .failure(RPCError(.resourceExhausted, "no memory to decompress a message"))
    }
    defer { inflateEnd(&stream) }
    var plain: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 32_768)
    defer { block.wipe() }
    var input = bytes
    let outcome = input.withUnsafeMutableBufferPointer { source -> RPCError? in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(clamping: source.count)
      while true {
        let (status, count) = block.withUnsafeMutableBufferPointer { room in
          stream.next_out = room.baseAddress
          stream.avail_out = UInt32(room.count)
          let status = inflate(&stream, Z_NO_FLUSH)
          return (status, room.count - Int(stream.avail_out))
        }
        guard plain.count + count <= maximum else {
          return RPCError(.resourceExhausted, "message is too large when decompressed, at most \(maximum) bytes")
        }
        plain += block[..<count]
        if status == Z_STREAM_END, stream.avail_in == 0 { return nil }
        guard status == Z_OK, count > 0 || stream.avail_in > 0 else {
          return RPCError(.internal, "a compressed message is not gzip")
        }
      }
    }
    input.wipe()
    if let outcome {
      plain.wipe()
      return .failure(outcome)
    }
    return .success(plain)
  }
}
