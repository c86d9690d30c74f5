import CFederationProto
import Glibc

/// Why a message is refused before protobuf-c sees it.
enum MessageStringError: Error, CustomStringConvertible {
  /// The bytes are not protobuf.
  case wire(ProtobufWireError)
  /// The named string field is not UTF-8.
  case notUTF8(field: String)
  /// The named string field holds a NUL.
  case embeddedNUL(field: String)
  /// Messages in messages past what the schema has.
  case tooDeep

  var description: String {
    switch self {
    case .wire(let error): "\(error)"
    case .notUTF8(let field): "\(field) is not valid UTF-8"
    case .embeddedNUL(let field): "\(field) must not hold a NUL character"
    case .tooDeep: "messages are nested too deeply"
    }
  }
}

/// Checks what protobuf-c does not: that every string is UTF-8, as proto3 demands, and holds no NUL, at which a
/// C string would end and so name something else than the sender wrote.
func checkStrings(
  _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, in bytes: RawSpan, range: Range<Int>, depth: Int
) throws(MessageStringError) {
  guard depth < 8 else { throw .tooDeep }
  var reader = ProtobufReader(range)
  while true {
    let field: ProtobufReader.Field?
    do { field = try reader.next(in: bytes) } catch { throw .wire(error) }
    guard let field else { return }
    guard case .bytes(let value) = field.value,
      let known = protobuf_c_message_descriptor_get_field(descriptor, UInt32(field.number))
    else { continue }
    switch known.pointee.type {
    case PROTOBUF_C_TYPE_STRING:
      if !bytes.isUTF8(value) { throw .notUTF8(field: name(of: known)) }
      if bytes.holdsNUL(value) { throw .embeddedNUL(field: name(of: known)) }
    case PROTOBUF_C_TYPE_MESSAGE:
      guard let inner = known.pointee.descriptor else { continue }
      try checkStrings(
        inner.assumingMemoryBound(to: ProtobufCMessageDescriptor.self), in: bytes, range: value, depth: depth + 1)
    default: continue
    }
  }
}

private func name(of field: UnsafePointer<ProtobufCFieldDescriptor>) -> String {
  field.pointee.name.map { String(cString: $0) } ?? "a field"
}

extension RawSpan {
  fileprivate func holdsNUL(_ range: Range<Int>) -> Bool {
    extracting(range).withUnsafeBytes { raw in
      guard let start = raw.baseAddress else { return false }
      return memchr(start, 0, raw.count) != nil
    }
  }
}
