import CFederationProto
import FederationAPI

/// Encodes `message`, whose pointers must be alive.
func encoded<Message: GeneratedMessage>(_ message: inout Message) -> [UInt8] {
  withUnsafePointer(to: &message) { pointer in
    let base = UnsafeRawPointer(pointer).assumingMemoryBound(to: ProtobufCMessage.self)
    let size = protobuf_c_message_get_packed_size(base)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      count = protobuf_c_message_pack(base, buffer.baseAddress)
    }
  }
}

/// Decodes `payload` and lends the C message to `body`; nothing of it may outlive `body`.
///
/// Fails with INVALID_ARGUMENT when the bytes are not such a message, and with RESOURCE_EXHAUSTED when it would
/// take much more memory than its size. What strings may hold is checked first, see ``checkStrings(_:in:range:depth:)``.
///
/// `itemBytes` is what a message of many small messages may take besides, for their bookkeeping.
func decoded<Message: GeneratedMessage, Value>(
  _ type: Message.Type, from payload: RawSpan, itemBytes: Int = 0,
  _ body: (UnsafePointer<Message>) throws(RPCError) -> Value
) throws(RPCError) -> Value {
  guard let descriptor = Message.make().base.descriptor else {
    throw RPCError(.internal, "a message type has no descriptor")
  }
  do {
    try checkStrings(descriptor, in: payload, range: 0..<payload.byteCount, depth: 0)
  } catch {
    throw RPCError(.invalidArgument, "\(name(of: descriptor)): \(error)")
  }
  if payload.byteCount <= MessageArena.stackCapacity / 2 {
    let result = withUnsafeTemporaryAllocation(
      byteCount: MessageArena.stackCapacity, alignment: MessageArena.alignment
    ) { unpacked(descriptor, payload, in: $0, body) }
    if let result { return try result.get() }
  }
  let heap = UnsafeMutableRawBufferPointer.allocate(
    byteCount: MessageArena.heapCapacity(payload: payload.byteCount) + itemBytes, alignment: MessageArena.alignment)
  defer { heap.deallocate() }
  guard let result = unpacked(descriptor, payload, in: heap, body) else {
    throw RPCError(.resourceExhausted, "\(name(of: descriptor)) has too many fields for its size")
  }
  return try result.get()
}

/// Nil when `storage` was too small.
private func unpacked<Message: GeneratedMessage, Value>(
  _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, _ payload: RawSpan,
  in storage: UnsafeMutableRawBufferPointer, _ body: (UnsafePointer<Message>) throws(RPCError) -> Value
) -> Result<Value, RPCError>? {
  var arena = MessageArena(storage)
  let result: Result<Value, RPCError>? = payload.withUnsafeBytes { raw in
    arena.withAllocator { allocator in
      let bytes = raw.baseAddress?.assumingMemoryBound(to: UInt8.self)
      guard let message = protobuf_c_message_unpack(descriptor, allocator, raw.count, bytes) else { return nil }
      return Result { () throws(RPCError) -> Value in
        try body(UnsafeRawPointer(message).assumingMemoryBound(to: Message.self))
      }
    }
  }
  if let result { return result }
  if arena.isExhausted { return nil }
  return .failure(RPCError(.invalidArgument, "\(name(of: descriptor)): a field has a wrong wire type"))
}

private func name(of descriptor: UnsafePointer<ProtobufCMessageDescriptor>) -> String {
  descriptor.pointee.short_name.map { String(cString: $0) } ?? "message"
}
