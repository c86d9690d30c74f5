/// Which value each key has; the store is written, and every answer checked, by this one rule.
///
/// The value of key `key-7` with 16 bytes is the first 16 bytes of `key-7.` repeated: `key-7.key-7.key-`. With weighted
/// sizes `64:90,4096:10` the weights are divided by what they have in common (9 and 1), and key k has the size that
/// stands at place k modulo their sum (10): keys 0 to 8 have 64 bytes, key 9 has 4,096, keys 10 to 18 have 64 …
package struct ValueRule: Sendable, Equatable {
  /// The sizes by place; key k has the one at k modulo their number.
  private let sizes: [Int]
  /// As it was given, for example `64:90,4096:10`.
  package let text: String

  /// Every value has `size` bytes.
  package init(size: Int) {
    sizes = [size]
    text = String(size)
  }

  /// Reads `SIZE:WEIGHT,SIZE:WEIGHT…`, or one `SIZE`.
  package init(text: String) throws(BenchError) {
    var parts: [(size: Int, weight: Int)] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let numbers = part.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      guard let size = numbers[0], (1...4_000_000).contains(size), numbers.count <= 2,
        let weight = numbers.count == 2 ? numbers[1] : 1, (1...10_000).contains(weight)
      else {
        throw BenchError(
          "value sizes are SIZE:WEIGHT,… with sizes from 1 to 4000000 and weights from 1 to 10000, not \"\(text)\"")
      }
      parts.append((size, weight))
    }
    let common = parts.reduce(0) { greatestCommonDivisor($0, $1.weight) }
    sizes = parts.flatMap { [Int](repeating: $0.size, count: $0.weight / common) }
    self.text = text
  }

  /// The value's size for `key`.
  package func size(of key: Int) -> Int { sizes[key % sizes.count] }

  /// The largest size that any key may have.
  package var maximumSize: Int { sizes.max() ?? 0 }

  /// The one size of all values, nil when there are several.
  package var onlySize: Int? { Set(sizes).count == 1 ? sizes[0] : nil }

  /// The value of `key`.
  package func value(of key: Int) -> [UInt8] {
    let unit = Array("key-\(key).".utf8)
    let size = size(of: key)
    var value: [UInt8] = []
    value.reserveCapacity(size + unit.count)
    while value.count < size { value += unit }
    value.removeLast(value.count - size)
    return value
  }

  /// Whether `bytes` in `range` are the value of `key`, found without making that value.
  package func matches(_ bytes: RawSpan, _ range: Range<Int>, key: Int) -> Bool {
    guard range.count == size(of: key) else { return false }
    let digits = decimalDigits(of: key)
    let period = 5 + digits
    var rest = key
    // From the last digit up, as they come off the number.
    for place in stride(from: 3 + digits, through: 4, by: -1) {
      let digit = UInt8(truncatingIfNeeded: rest % 10) + UInt8(ascii: "0")
      rest /= 10
      if place < range.count, bytes.byte(range.lowerBound + place) != digit { return false }
    }
    let head = range.lowerBound..<min(range.lowerBound + 4, range.upperBound)
    guard bytes.starts(with: Self.prefix, in: head) else { return false }
    guard range.count >= period else { return true }
    guard bytes.byte(range.lowerBound + period - 1) == UInt8(ascii: ".") else { return false }
    return bytes.repeats(in: range, period: period)
  }

  private static let prefix = Array("key-".utf8)
}

/// How many digits `number`, which is not negative, has.
func decimalDigits(of number: Int) -> Int {
  var digits = 1
  var rest = number
  while rest >= 10 {
    rest /= 10
    digits += 1
  }
  return digits
}

private func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
  second == 0 ? first : greatestCommonDivisor(second, first % second)
}
