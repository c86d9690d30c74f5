extension HTTPRequest {
  /// The request's fields as libcurl wants them, after checking that they cannot break out of their line.
  func headerLines() throws(HTTPClientError) -> [String] {
    guard !method.isEmpty, method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
      throw HTTPClientError(.invalidRequest, "the method is not a word in capitals")
    }
    var lines: [String] = []
    for (name, value) in headers {
      guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
        throw HTTPClientError(.invalidRequest, "a header's name is not a token")
      }
      guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
        throw HTTPClientError(.invalidRequest, "the value of header \(name) holds a control character")
      }
      // "Name:" alone tells libcurl to leave the field out; "Name;" sends it empty.
      lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
    }
    func leaveOut(_ name: String) {
      if !headers.contains(where: { $0.name.lowercased() == name }) { lines.append("\(name):") }
    }
    leaveOut("expect")
    leaveOut("content-type")
    return lines
  }
}

/// RFC 9110 section 5.6.2, `tchar`.
private func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "a")...UInt8(ascii: "z"):
    true
  default:
    "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}
