import CLinux
import FederationAPI

/// Texts by name as a JSON object of strings and one newline, spelled as Go's encoding/json spells a map: no spaces,
/// names in byte order. Like ``JSONStringLiteral`` it leaves no copy of a value behind.
enum JSONObjectLiteral {
  /// The literal of `members`, or nil when a value is not UTF-8.
  static func encode(_ members: [String: SecretBytes]) -> SecretBytes? {
    let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    // Each literal ends with a newline, in whose place a colon, a comma or the closing brace is written.
    var counts: [(name: Int, value: Int)] = []
    for (name, value) in sorted {
      guard let nameCount = JSONStringLiteral.count(name.utf8.span.bytes),
        let valueCount = value.withBytes({ JSONStringLiteral.count($0) })
      else { return nil }
      counts.append((nameCount, valueCount))
    }
    let size = counts.reduce(sorted.isEmpty ? 3 : 2) { $0 + $1.name + $1.value }
    return withUnsafeTemporaryAllocation(byteCount: size, alignment: 1) { buffer in
      defer { if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) } }
      buffer[0] = UInt8(ascii: "{")
      var offset = 1
      for (member, count) in zip(sorted, counts) {
        let nameRoom = UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + count.name])
        JSONStringLiteral.write(member.key.utf8.span.bytes, to: nameRoom)
        offset += count.name
        buffer[offset - 1] = UInt8(ascii: ":")
        let valueRoom = UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + count.value])
        member.value.withBytes { JSONStringLiteral.write($0, to: valueRoom) }
        offset += count.value
        buffer[offset - 1] = UInt8(ascii: ",")
      }
      buffer[size - 2] = UInt8(ascii: "}")
      buffer[size - 1] = UInt8(ascii: "\n")
      return SecretBytes(UnsafeRawBufferPointer(buffer).bytes)
    }
  }
}
