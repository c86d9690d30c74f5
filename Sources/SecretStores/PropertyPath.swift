/// A path into a JSON value: member names and array indexes with dots between them. A backslash takes the character
/// after it literally, so that `\.` reaches a name with a dot.
struct PropertyPath {
  /// The parts, unescaped.
  let parts: [[UInt8]]

  init(_ text: String) {
    var parts: [[UInt8]] = []
    var part: [UInt8] = []
    var isEscaped = false
    for byte in text.utf8 {
      if isEscaped {
        part.append(byte)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: ".") {
        parts.append(part)
        part = []
      } else {
        part.append(byte)
      }
    }
    if isEscaped { part.append(UInt8(ascii: "\\")) }
    self.parts = parts + [part]
  }

  /// A part as an array index, or nil when it is none.
  static func index(_ part: [UInt8]) -> Int? {
    guard (1...9).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return part.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}
