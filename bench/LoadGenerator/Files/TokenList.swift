import Crypto
import JSON

/// JWTs from a file, one a line, kept as the bytes that they are.
package struct TokenList: Sendable {
  private let bytes: [UInt8]
  private var ranges: [Range<Int>] = []

  /// Reads the file at `path`; throws when it holds no token.
  package init(file path: String) throws(BenchError) {
    self.init(lines: try ByteFile.read(path))
    if ranges.isEmpty { throw BenchError("\(path) holds no token; it must have one JWT a line") }
  }

  /// Takes each line of `lines` that is not empty.
  package init(lines: [UInt8]) {
    bytes = lines
    var start = 0
    for index in 0...bytes.count where index == bytes.count || bytes[index] == UInt8(ascii: "\n") {
      if index > start { ranges.append(start..<index) }
      start = index + 1
    }
  }

  /// The number of tokens.
  package var count: Int { ranges.count }

  /// The token at `index`.
  package subscript(index: Int) -> ArraySlice<UInt8> { bytes[ranges[index]] }

  /// What the token at `index` says of its caller.
  package func claims(_ index: Int) throws(BenchError) -> TokenClaims {
    let parts = self[index].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let payload = Base64URL.decode(parts[1]), let json = try? JSONValue.parse(payload),
      let issuer = json["iss"]?.string, let subject = json["sub"]?.string, let expiry = json["exp"]?.integer
    else { throw BenchError("token \(index + 1) is no JWT with iss, sub and exp") }
    return TokenClaims(issuer: issuer, subject: subject, expiresAt: expiry)
  }
}

/// What a token says, unverified: what the server must answer when it is asked to verify it.
package struct TokenClaims: Sendable, Equatable {
  /// `iss`.
  package let issuer: String
  /// `sub`.
  package let subject: String
  /// `exp`.
  package let expiresAt: Int64
}
