/// What one pass over a JSON text finds before anything is decoded: the decoder recurses and allocates, this does not.
struct JSONShape {
  /// Members of all objects together, as written: more than the decoder keeps when one is named twice.
  private(set) var memberCount = 0

  /// Throws when the text is nested past `maximumDepth`, holds NUL (which also rules UTF-16 and UTF-32 out), or
  /// has a comma before a closing bracket, which the decoder lets pass. The rest of the syntax is the decoder's to check.
  init(scanning text: RawSpan, maximumDepth: Int) throws(JSONError) {
    var depth = 0
    var isInString = false
    var isEscaped = false
    var previous: UInt8 = 0
    for offset in 0..<text.byteCount {
      let byte = text.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      if byte == 0 { throw .malformed }
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        if depth > maximumDepth { throw .tooDeep(limit: maximumDepth) }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth < 0 || previous == UInt8(ascii: ",") { throw .malformed }
      case UInt8(ascii: ":"): memberCount += 1
      case 0x80...: throw .malformed
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): continue
      default: break
      }
      previous = byte
    }
  }
}
