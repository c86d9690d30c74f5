import Testing

@testable import HTTP1

@Suite struct HTTPDateTests {
  @Test(
    "dates are written as RFC 9110 has them",
    arguments: [
      (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
      (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
    ] as [(Int64, String)])
  func format(seconds: Int64, expected: String) {
    var date = HTTPDate()
    #expect(date.text(at: seconds) == expected)
  }

  @Test("a date is made anew when the second changes")
  func cache() {
    var date = HTTPDate()
    #expect(date.text(at: 1) == date.text(at: 1))
    #expect(date.text(at: 2) == "Thu, 01 Jan 1970 00:00:02 GMT")
  }

  @Test("a lent line is the whole field line of its second, whatever was lent or asked for before")
  func line() {
    var date = HTTPDate()
    for seconds: Int64 in [784_111_777, 784_111_777, 784_111_778, 0, 4_102_444_799, 784_111_777] {
      var lent = ""
      date.withLine(at: seconds) { bytes in lent = bytes.text(0..<bytes.byteCount) }
      #expect(lent == "Date: \(date.text(at: seconds))\r\n")
    }
  }
}
