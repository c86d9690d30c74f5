import CFederationProto
import FederationAPI
import Glibc

extension GenerateRequest {
  /// Decodes `federation.v1.GenerateRequest`; fails as ``GetSecretRequest/init(protobuf:)`` does.
  public init(protobuf payload: RawSpan) throws(RPCError) {
    self = try Federation__V1__GenerateRequest.decode(payload, GenerateRequest.init)
  }

  /// Encodes `federation.v1.GenerateRequest`; fails with INVALID_ARGUMENT when a name holds a NUL.
  public func protobuf() throws(RPCError) -> [UInt8] {
    try Federation__V1__GenerateRequest.encode(generator, caCertificates)
  }
}

/// `federation.v1.GenerateResponse`.
public enum GenerateResponse {
  private typealias Entry = Federation__V1__GenerateResponse__ValuesEntry

  /// Encodes values by output key, keys in byte order. The array holds secrets: the wire wipes it after sending.
  ///
  /// Fails with INTERNAL when a key holds a NUL.
  public static func protobuf(values: [String: SecretBytes]) throws(RPCError) -> [UInt8] {
    let sorted = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    for (key, _) in sorted where key.utf8.contains(0) {
      throw RPCError(.internal, "the generator gave an output key with a NUL character")
    }
    // protobuf-c wants all of it at once: keys and values lie one after the other in memory that is wiped after.
    let size = sorted.reduce(0) { $0 + $1.key.utf8.count + 1 + $1.value.count }
    return withUnsafeTemporaryAllocation(byteCount: max(1, size), alignment: 1) { memory in
      defer { if let start = memory.baseAddress { explicit_bzero(start, memory.count) } }
      return withUnsafeTemporaryAllocation(of: Entry.self, capacity: sorted.count) { entries in
        withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Entry>?.self, capacity: sorted.count) { pointers in
          var offset = 0
          for (index, (key, value)) in sorted.enumerated() {
            entries.initializeElement(at: index, to: Entry.make())
            pointers.initializeElement(at: index, to: entries.baseAddress.map { $0 + index })
            let room = UnsafeMutableRawBufferPointer(rebasing: memory[offset...])
            room.copyBytes(from: key.utf8)
            room[key.utf8.count] = 0
            entries[index].key = room.baseAddress?.assumingMemoryBound(to: CChar.self)
            offset += key.utf8.count + 1
            let valueRoom = UnsafeMutableRawBufferPointer(rebasing: memory[offset..<offset + value.count])
            value.withBytes { bytes in bytes.withUnsafeBytes { valueRoom.copyMemory(from: $0) } }
            entries[index].value = binary(UnsafeBufferPointer(valueRoom.assumingMemoryBound(to: UInt8.self)))
            offset += value.count
          }
          var message = Federation__V1__GenerateResponse.make()
          message.n_values = sorted.count
          message.values = pointers.baseAddress
          return encoded(&message)
        }
      }
    }
  }

  /// Decodes values by output key; the copies made on the way are wiped.
  public static func values(protobuf payload: RawSpan) throws(RPCError) -> [String: SecretBytes] {
    try decoded(Federation__V1__GenerateResponse.self, from: payload) { message throws(RPCError) in
      var values: [String: SecretBytes] = [:]
      for entry in UnsafeBufferPointer(start: message.pointee.values, count: message.pointee.n_values) {
        guard let entry else { continue }
        let value = entry.pointee.value
        values[String(cString: entry.pointee.key)] = SecretBytes(
          UnsafeRawBufferPointer(start: value.data, count: value.len).bytes)
      }
      return values
    }
  }
}
