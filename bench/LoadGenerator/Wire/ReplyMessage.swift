/// What the encoded answer to a call must be, the same on every RPC wire.
struct ReplyMessage {
  let rule: ValueRule
  /// The encoded AuthenticateResponse by token.
  let identities: [[UInt8]]

  /// Whether the message in `payload` is the right answer to `call`.
  func isRight(_ payload: Range<Int>, in bytes: RawSpan, for call: Call) -> Bool {
    switch call.kind {
    case .get:
      // GetSecretResponse {bytes value=1}
      guard let value = bytes.onlyField(1, in: payload) else { return false }
      return rule.matches(bytes, value, key: call.key)
    case .authenticate:
      guard case .token(let index) = call.credential, index < identities.count else { return false }
      return bytes.equals(identities[index], in: payload)
    }
  }
}

extension RawSpan {
  /// The content of the length-delimited field `number` when it is all that stands in `range`.
  func onlyField(_ number: UInt8, in range: Range<Int>) -> Range<Int>? {
    guard range.count >= 2, byte(range.lowerBound) == number << 3 | 2 else { return nil }
    var place = range.lowerBound + 1
    var count = 0
    var shift = 0
    while place < range.upperBound, shift < 35 {
      let byte = byte(place)
      place += 1
      count |= Int(byte & 0x7F) << shift
      if byte < 0x80 { return count == range.upperBound - place ? place..<range.upperBound : nil }
      shift += 7
    }
    return nil
  }
}
