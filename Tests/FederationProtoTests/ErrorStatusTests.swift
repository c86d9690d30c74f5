import FederationAPI
import Testing

@testable import FederationProto

@Suite struct ErrorStatusTests {
  /// As protoc makes it: code 8, message `m`, RetryInfo of 1.5 s.
  private static let encoded: [UInt8] =
    [0x08, 8, 0x12, 1, 0x6D, 0x1A, 54, 0x0A, 40] + Array("type.googleapis.com/google.rpc.RetryInfo".utf8) + [
      0x12, 10, 0x0A, 8, 0x08, 1, 0x10, 0x80, 0xCA, 0xB5, 0xEE, 0x01,
    ]

  @Test("the advice to wait is a RetryInfo in the details; without advice there are none")
  func encoding() {
    #expect(ErrorStatus.encoded(RPCError(.resourceExhausted, "m", retryAfterSeconds: 1.5)) == Self.encoded)
    #expect(ErrorStatus.encoded(RPCError(.notFound, "m")) == [0x08, 5, 0x12, 1, 0x6D])
  }

  @Test("the advice is read; other details and what is cut short are none")
  func decoding() {
    #expect(ErrorStatus.retryAfterSeconds(inStatus: Self.encoded.span.bytes) == 1.5)
    var other = Self.encoded
    other[20] ^= 1
    #expect(ErrorStatus.retryAfterSeconds(inStatus: other.span.bytes) == nil)
    for count in 0..<Self.encoded.count {
      let part = Array(Self.encoded[..<count])
      #expect(ErrorStatus.retryAfterSeconds(inStatus: part.span.bytes) == nil, "\(count) bytes")
    }
  }

  @Test("nobody is sent away for more than a day, nor into the past")
  func bounds() {
    for (asked, told) in [(1e12, 86_400.0), (-1, 0), (.infinity, 86_400)] as [(Double, Double)] {
      let status = ErrorStatus.encoded(RPCError(.resourceExhausted, "", retryAfterSeconds: asked))
      #expect(ErrorStatus.retryAfterSeconds(inStatus: status.span.bytes) == told)
    }
  }
}
