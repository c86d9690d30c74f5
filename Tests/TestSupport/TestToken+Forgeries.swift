import COpenSSL
import Crypto
import JSON

extension TestToken {
  /// HS256 (RFC 7518 section 3.2) with `secret`, which a verifier that mixes up keys takes from the JWKS.
  public static func keyed(header: JSONValue, claims: JSONValue, secret: [UInt8]) throws -> String {
    let signed = Base64URL.encode(header.encoded()) + "." + Base64URL.encode(claims.encoded())
    let message = Array(signed.utf8)
    var code = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 32
    guard HMAC(EVP_sha256(), secret, Int32(secret.count), message, message.count, &code, &length) != nil else {
      throw TestSupportError("HMAC failed")
    }
    return signed + "." + Base64URL.encode(code)
  }

  /// `r‖s` as the DER sequence of two integers that X.509 writes (RFC 3279 section 2.2.3).
  public static func derSignature(fromRaw raw: [UInt8]) -> [UInt8] {
    func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
      var digits = Array(bytes.drop { $0 == 0 })
      if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
      return [0x02, UInt8(digits.count)] + digits
    }
    let body = integer(raw.prefix(raw.count / 2)) + integer(raw.suffix(raw.count / 2))
    return [0x30, UInt8(body.count)] + body
  }
}

extension TestSigningKey {
  /// The public half as a SubjectPublicKeyInfo in PEM form (RFC 7468 section 13).
  public var publicPEM: [UInt8] {
    get throws {
      let pem = try privateKey.pem.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
      let input = BIO_new_mem_buf(pem, Int32(pem.count))
      defer { BIO_free(input) }
      let output = BIO_new(BIO_s_mem())
      defer { BIO_free(output) }
      let key = PEM_read_bio_PrivateKey(input, nil, nil, nil)
      defer { EVP_PKEY_free(key) }
      guard PEM_write_bio_PUBKEY(output, key) == 1 else { throw TestSupportError("PEM_write_bio_PUBKEY failed") }
      var start: UnsafeMutablePointer<CChar>?
      let count = copenssl_bio_memory(output, &start)
      return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
  }
}
