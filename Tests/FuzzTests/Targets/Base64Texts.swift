import Crypto
import FederationAPI

extension FuzzTarget {
  /// Bytes come back from both alphabets, and what can be decoded is decoded the same by each decoder.
  static let base64 = FuzzTarget("base64") { bytes in
    try hold(Base64URL.decode(Base64URL.encode(bytes)) == bytes, "bytes come back")
    let text = String(decoding: bytes, as: UTF8.self)
    let standard = Base64.decode(text.utf8)
    try hold(standard == Base64.decode(SecretBytes(text), .standard)?.copied, "secrets are decoded as other texts are")
    try hold((standard?.count ?? 0) <= bytes.count, "decoding makes nothing longer")
    guard let url = Base64URL.decode(text) else { return }
    try hold(Base64URL.decode(Base64URL.encode(url)) == url, "what was decoded comes back")
    let padded = text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    try hold(Base64.decode(SecretBytes(padded), .url)?.copied == url, "both decoders of base64url agree")
  }
}
