import Crypto
import Foundation
import TestSupport
import Testing

@Suite struct PublicKeyTests {
  @Test("verifies the RS256 example of RFC 7515 appendix A.2")
  func rfc7515RS256() throws {
    let modulus =
      "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
      + "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2"
      + "R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD"
      + "TW9gb54h4FRWyuXpoQ"
    let signature =
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU"
      + "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
      + "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig"
      + "cN_IoypGlUPQGe77Rw"
    let key = try PublicKey.rsa(modulus: bytes(modulus), exponent: bytes("AQAB"))
    let message = "eyJhbGciOiJSUzI1NiJ9." + examplePayload
    #expect(key.verify(signature: bytes(signature), of: Array(message.utf8), algorithm: .rs256))
    #expect(!key.verify(signature: bytes(signature), of: Array(message.utf8), algorithm: .rs384))
    #expect(!key.verify(signature: bytes(signature), of: Array(message.utf8), algorithm: .ps256))
  }

  @Test("verifies the ES256 example of RFC 7515 appendix A.3")
  func rfc7515ES256() throws {
    let key = try PublicKey.ec(
      curve: .p256, x: bytes("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
      y: bytes("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"))
    let signature = bytes("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
    let message = "eyJhbGciOiJFUzI1NiJ9." + examplePayload
    #expect(key.verify(signature: signature, of: Array(message.utf8), algorithm: .es256))
  }

  @Test("verifies the EdDSA example of RFC 8037 appendix A.4")
  func rfc8037EdDSA() throws {
    let key = try PublicKey.ed25519(x: bytes("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"))
    let signature = bytes("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
    let message = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    #expect(key.verify(signature: signature, of: Array(message.utf8), algorithm: .edDSA))
  }

  @Test("accepts each algorithm's own signature and no changed one", arguments: SignatureAlgorithm.allCases)
  func roundTrip(algorithm: SignatureAlgorithm) throws {
    let key = try TestKeys.key(for: algorithm)
    let message = Array("a message".utf8)
    let signature = try key.sign(message, algorithm: algorithm)
    if case .ec(let curve) = algorithm.keyType { #expect(signature.count == 2 * curve.coordinateByteCount) }
    #expect(key.publicKey.verify(signature: signature, of: message, algorithm: algorithm))
    #expect(!key.publicKey.verify(signature: signature, of: message + [0], algorithm: algorithm))
    for index in [0, signature.count / 2, signature.count - 1] {
      var changed = signature
      changed[index] ^= 0x40
      #expect(!key.publicKey.verify(signature: changed, of: message, algorithm: algorithm))
    }
    #expect(!key.publicKey.verify(signature: [], of: message, algorithm: algorithm))
    #expect(!key.publicKey.verify(signature: signature + [0], of: message, algorithm: algorithm))
    #expect(!key.publicKey.verify(signature: signature.dropLast(), of: message, algorithm: algorithm))
    for other in SignatureAlgorithm.allCases where other != algorithm {
      #expect(!key.publicKey.verify(signature: signature, of: message, algorithm: other))
    }
  }

  @Test("refuses an ECDSA signature of zeros, and one in DER", arguments: EllipticCurve.allCases)
  func odd(curve: EllipticCurve) throws {
    let algorithm = try #require(SignatureAlgorithm.allCases.first { $0.keyType == .ec(curve) })
    let key = try TestKeys.key(for: algorithm)
    let zeros = [UInt8](repeating: 0, count: 2 * curve.coordinateByteCount)
    #expect(!key.publicKey.verify(signature: zeros, of: [1], algorithm: algorithm))
    #expect(!key.publicKey.verify(signature: [0x30, 0x06, 2, 1, 1, 2, 1, 1], of: [1], algorithm: algorithm))
  }

  @Test("refuses RSA keys outside 2048 to 8192 bits and odd exponents")
  func rsaBounds() throws {
    func modulus(bits: Int) -> [UInt8] { [0x80] + [UInt8](repeating: 0, count: bits / 8 - 2) + [1] }
    #expect(throws: CryptoError.self) { try PublicKey.rsa(modulus: modulus(bits: 1_024), exponent: [1, 0, 1]) }
    #expect(throws: CryptoError.self) { try PublicKey.rsa(modulus: modulus(bits: 2_040), exponent: [1, 0, 1]) }
    #expect(throws: CryptoError.self) { try PublicKey.rsa(modulus: modulus(bits: 8_200), exponent: [1, 0, 1]) }
    #expect(throws: CryptoError.self) { try PublicKey.rsa(modulus: [], exponent: [1, 0, 1]) }
    for exponent: [UInt8] in [[], [0], [1], [2], [1, 0, 0], [1, 0, 0, 0, 1]] {
      #expect(throws: CryptoError.self) { try PublicKey.rsa(modulus: modulus(bits: 2_048), exponent: exponent) }
    }
    #expect(try PublicKey.rsa(modulus: [0] + modulus(bits: 2_048), exponent: [1, 0, 1]).keyType == .rsa)
    #expect(try PublicKey.rsa(modulus: modulus(bits: 8_192), exponent: [3]).keyType == .rsa)
  }

  @Test("refuses points that are not on the curve and coordinates of another length")
  func badPoints() throws {
    guard case .ec(_, let x, var y) = try TestKeys.key(for: .es256).publicKey.components else {
      Issue.record("not an EC key")
      return
    }
    #expect(throws: CryptoError.self) { try PublicKey.ec(curve: .p256, x: Array(x.dropLast()), y: y) }
    #expect(throws: CryptoError.self) { try PublicKey.ec(curve: .p384, x: x, y: y) }
    y[31] ^= 1
    #expect(throws: CryptoError.self) { try PublicKey.ec(curve: .p256, x: x, y: y) }
    #expect(throws: CryptoError.self) { try PublicKey.ed25519(x: [1, 2, 3]) }
  }

  @Test("verifies from many tasks at once with one key")
  func concurrent() async throws {
    let key = try TestKeys.key(for: .es256)
    let message = Array("shared".utf8)
    let signature = try key.sign(message, algorithm: .es256)
    let answers = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        group.addTask {
          let good = number.isMultiple(of: 2)
          return key.publicKey.verify(signature: signature, of: good ? message : [0], algorithm: .es256) == good
        }
      }
      return await group.reduce(into: 0) { count, isRight in count += isRight ? 1 : 0 }
    }
    #expect(answers == 200)
  }

  @Test("one key's algorithms do not disturb each other, whatever their order, also at once")
  func mixed() async throws {
    let key = try TestKeys.key(for: .rs256)
    let algorithms = SignatureAlgorithm.allCases.filter { $0.keyType == .rsa }
    let message = Array("shared".utf8)
    let signatures = try algorithms.map { try key.sign(message, algorithm: $0) }
    let answers = await withTaskGroup(of: Bool.self) { group in
      for number in 0..<360 {
        let algorithm = algorithms[number % algorithms.count]
        let signature = signatures[number / algorithms.count % algorithms.count]
        let isOwn = number % algorithms.count == number / algorithms.count % algorithms.count
        group.addTask { key.publicKey.verify(signature: signature, of: message, algorithm: algorithm) == isOwn }
      }
      return await group.reduce(into: 0) { count, isRight in count += isRight ? 1 : 0 }
    }
    #expect(answers == 360)
  }

  private let examplePayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

  private func bytes(_ text: String) -> [UInt8] { Base64URL.decode(text) ?? [] }
}
