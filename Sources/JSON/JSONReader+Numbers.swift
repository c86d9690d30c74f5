extension JSONReader {
  /// Powers of ten that a Double holds exactly.
  private static let exactPowers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]

  /// Reads the number at `offset`, rounded once, to the nearest Double. One past the greatest Double is refused.
  mutating func readNumber(in text: RawSpan) throws(JSONError) -> Double {
    let start = offset
    let isNegative = byte(at: start, in: text) == UInt8(ascii: "-")
    if isNegative { offset += 1 }
    var digits: UInt64 = 0
    let wholeStart = offset
    if byte(at: offset, in: text) == UInt8(ascii: "0") {
      offset += 1
    } else {
      try readDigits(into: &digits, in: text)
    }
    var digitCount = offset - wholeStart
    var exponent = 0
    if byte(at: offset, in: text) == UInt8(ascii: ".") {
      offset += 1
      let fractionStart = offset
      try readDigits(into: &digits, in: text)
      exponent = fractionStart - offset
      digitCount -= exponent
    }
    if byte(at: offset, in: text) | 0x20 == UInt8(ascii: "e") {
      offset += 1
      exponent += try readExponent(in: text)
    }
    let magnitude: Double
    if exponent == 0, digitCount <= 19 {
      // 19 digits fit in 64 bits, and the conversion rounds once.
      magnitude = Double(digits)
    } else if digitCount <= 15, (-22...22).contains(exponent) {
      // Both operands are exact, so that the one operation rounds once.
      let power = Self.exactPowers[abs(exponent)]
      magnitude = exponent < 0 ? Double(digits) / power : Double(digits) * power
    } else {
      let spelling = JSONText(offset: start, count: offset - start, isDecoded: false)
      guard let number = Double(string(spelling, in: text)), number.isFinite else { throw .malformed }
      return number
    }
    return isNegative ? -magnitude : magnitude
  }

  /// At least one digit. The sum wraps around past 19 digits, where it is not used.
  private mutating func readDigits(into sum: inout UInt64, in text: RawSpan) throws(JSONError) {
    let start = offset
    while true {
      let digit = byte(at: offset, in: text) &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      sum = sum &* 10 &+ UInt64(digit)
      offset += 1
    }
    guard offset > start else { throw .malformed }
  }

  /// Good up to about a million, and past that no less.
  private mutating func readExponent(in text: RawSpan) throws(JSONError) -> Int {
    let sign = byte(at: offset, in: text)
    if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
    let start = offset
    var exponent = 0
    while true {
      let digit = byte(at: offset, in: text) &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      exponent = min(exponent * 10 + Int(digit), 1_000_000)
      offset += 1
    }
    guard offset > start else { throw .malformed }
    return sign == UInt8(ascii: "-") ? -exponent : exponent
  }
}
