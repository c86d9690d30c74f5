import Testing

@testable import HTTP1

/// The short way may know less than the parser, but never otherwise.
@Suite struct ImmediateHeadTests {
  private static let request = """
    POST /secretstore/S/secrets/K HTTP/1.1\r\nHost: a.b:80\r\nAuthorization: Bearer t.t.t\r\nAccept: */*\r\n\
    Content-Length: 15\r\nConnection: keep-alive\r\n\r\n{"ca.crt":"QQ"}
    """

  @Test("ordinary requests are taken and others are left, and what is taken is read as ever", arguments: HeadShape.all)
  func shapes(shape: HeadShape) {
    #expect(HeadReadings.outcome(shape.text) == (shape.isTaken ? .taken : .left))
  }

  @Test("what the parser refuses is not taken, as a POST neither", arguments: RefusedShape.all)
  func refusedShapes(shape: RefusedShape) {
    #expect(HeadReadings.outcome(shape.bytes) == .left)
    guard let text = String(validating: shape.bytes, as: UTF8.self), text.hasPrefix("GET ") else { return }
    #expect(HeadReadings.outcome("POST " + text.dropFirst(4)) == .left)
  }

  @Test("a request is taken when it is whole, with or without more behind it, and not before")
  func whole() {
    let bytes = Array(Self.request.utf8)
    for count in 0..<bytes.count { #expect(HeadReadings.outcome(Array(bytes[..<count])) == .left, "\(count) bytes") }
    for behind in ["", "P", "\r\n", "\0", Self.request] {
      #expect(HeadReadings.outcome(Self.request + behind) == .taken)
    }
  }

  @Test("every byte at every place of a value and of a target is judged alike")
  func everyByte() {
    for length in 0..<20 {
      for byte in UInt8.min...UInt8.max {
        let value = [UInt8](repeating: 0x61, count: length) + [byte] + [UInt8](repeating: 0x62, count: 19 - length)
        let field = Array("POST / HTTP/1.1\r\nHost: h\r\nX: ".utf8) + value + Array("\r\n\r\n".utf8)
        let isVisible = (0x20..<0x7F).contains(byte)
        #expect(HeadReadings.outcome(field) == (isVisible ? .taken : .left), "value: \(byte) at \(length)")
        let target = Array("POST /".utf8) + value + Array(" HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        let isPlain = isVisible && byte != 0x20 && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
        #expect(HeadReadings.outcome(target) == (isPlain ? .taken : .left), "target: \(byte) at \(length)")
      }
    }
  }

  @Test("limits of every size are kept as the parser keeps them")
  func limits() {
    var taken = 0
    for size in 0...Self.request.utf8.count {
      for limited in Self.limits(of: size) {
        let outcome = HeadReadings.outcome(Self.request, limits: limited)
        if outcome == .taken { taken += 1 } else { #expect(outcome == .left, "limit \(size)") }
      }
    }
    #expect(taken > 0)
  }

  /// Each limit in turn at `size`.
  private static func limits(of size: Int) -> [HTTP1Limits] {
    [\HTTP1Limits.requestLineBytes, \.headerBytes, \.headerFields, \.bodyBytes].map { limit in
      var limits = HTTP1Limits()
      limits[keyPath: limit] = size
      return limits
    }
  }

  @Test("a request line, headers and fields of exactly the limits are taken, and one more is left")
  func atLimits() {
    let line = "POST /" + String(repeating: "a", count: 8_192 - 15)
    let fields = "Host: a\r\n" + String(repeating: "X: y\r\n", count: 98)
    let big = "Y: " + String(repeating: "b", count: 32_768 - fields.utf8.count - 5)
    #expect(HeadReadings.outcome("\(line) HTTP/1.1\r\n\(fields)\(big)\r\n\r\n") == .taken)
    for more in 1...12 {
      let longer = line + String(repeating: "a", count: more)
      #expect(HeadReadings.outcome("\(longer) HTTP/1.1\r\n\(fields)\(big)\r\n\r\n") == .left, "line \(more)")
    }
    #expect(HeadReadings.outcome("\(line) HTTP/1.1\r\n\(fields)\(big)b\r\n\r\n") == .left)
    #expect(HeadReadings.outcome("\(line) HTTP/1.1\r\n\(fields)Y: y\r\nZ: z\r\n\r\n") == .left)
  }
}
