/// Gathers one response within its limits.
struct ResponseCollector {
  /// All header lines of a response together, interim ones included, in bytes.
  static let maximumHeaderBytes = 65_536

  private(set) var failure: HTTPClientError?
  private let server: String
  private let maximumBodyBytes: Int
  private var headerBytes = 0
  /// Whether the empty line after the fields of the last response, interim ones included, has come.
  private(set) var isHeaderComplete = false
  private var headers: [(name: String, value: String)] = []
  private var body: [UInt8] = []

  init(server: String, maximumBodyBytes: Int) {
    self.server = server
    self.maximumBodyBytes = maximumBodyBytes
  }

  func response(status: Int) -> HTTPResponse { HTTPResponse(status: status, headers: headers, body: body) }

  /// Returns false when the body is past its limit.
  mutating func append(body bytes: RawSpan) -> Bool {
    guard bytes.byteCount <= maximumBodyBytes - body.count else {
      failure = HTTPClientError(.tooLarge, "\(server): the response body is longer than \(maximumBodyBytes) bytes")
      return false
    }
    bytes.withUnsafeBytes { body.append(contentsOf: $0) }
    return true
  }

  /// Takes a status line, a field, the empty line after the fields, or a trailer field.
  /// Returns false when the lines are past their limit.
  mutating func append(headerLine bytes: RawSpan) -> Bool {
    headerBytes += bytes.byteCount
    guard headerBytes <= Self.maximumHeaderBytes else {
      failure = HTTPClientError(
        .tooLarge, "\(server): the response header is longer than \(Self.maximumHeaderBytes) bytes")
      return false
    }
    let line = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    if line.hasPrefix("HTTP/") {
      // The status line of the final response also comes here after those of interim ones.
      headers = []
      isHeaderComplete = false
    } else if line == "\r\n" || line == "\n" {
      isHeaderComplete = true
    } else if !isHeaderComplete, let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) {
      headers.append((line[..<colon].lowercased(), trimmed(line[line.utf8.index(after: colon)...])))
    }
    return true
  }
}

private func trimmed(_ text: Substring) -> String {
  let isSpace: (Unicode.Scalar) -> Bool = { [" ", "\t", "\r", "\n"].contains($0) }
  let scalars = text.unicodeScalars
  guard let first = scalars.firstIndex(where: { !isSpace($0) }), let last = scalars.lastIndex(where: { !isSpace($0) })
  else { return "" }
  return String(scalars[first...last])
}
