import COpenSSL

/// Bytes that nobody can predict, from OpenSSL's generator.
public enum SecureRandom {
  /// `count` random bytes; `count` is at least 0.
  public static func bytes(_ count: Int) throws(CryptoError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: max(0, count))
    guard let length = Int32(exactly: result.count), RAND_bytes(&result, length) == 1 else {
      throw OpenSSLErrors.failure("gather \(count) random bytes")
    }
    return result
  }

  /// A number from 0 up to but not including `bound`, each as likely as any other; `bound` is at least 1.
  public static func index(below bound: Int) throws(CryptoError) -> Int {
    try index(below: bound, drawing: word)
  }

  /// `count` of the characters in `alphabet`, which has at least one, each as likely as any other at every place.
  public static func characters(_ count: Int, of alphabet: [UInt8]) throws(CryptoError) -> [UInt8] {
    var characters: [UInt8] = []
    // Room at once: what is drawn may be secret, and growing would leave copies behind.
    characters.reserveCapacity(count)
    for _ in 0..<count { characters.append(alphabet[try index(below: alphabet.count)]) }
    return characters
  }

  /// Brings `elements` into an order that is as likely as any other.
  public static func shuffle<Element>(_ elements: inout [Element]) throws(CryptoError) {
    for last in elements.indices.dropFirst().reversed() {
      elements.swapAt(last, try index(below: last + 1))
    }
  }

  /// As ``index(below:)``, from the words that `draw` gives.
  static func index(below bound: Int, drawing draw: () throws(CryptoError) -> UInt64) throws(CryptoError) -> Int {
    precondition(bound >= 1, "there is no number below \(bound)")
    let bound = UInt64(bound)
    // The lowest 2^64 mod bound words are drawn again: those that are left are a multiple of the bound, so that no
    // remainder comes more often than another.
    let surplus = (0 &- bound) % bound
    while true {
      let word = try draw()
      if word >= surplus { return Int(word % bound) }
    }
  }

  private static func word() throws(CryptoError) -> UInt64 {
    var word: UInt64 = 0
    let status = withUnsafeMutableBytes(of: &word) { bytes in
      RAND_bytes(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(bytes.count))
    }
    guard status == 1 else { throw OpenSSLErrors.failure("gather a random number") }
    return word
  }
}
