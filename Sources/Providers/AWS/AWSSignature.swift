import Crypto
import FederationAPI
import Resources

/// Signs a `POST /`, the one request that the services here have, as AWS wants it: Signature Version 4.
struct AWSSignature: Sendable {
  /// As credential scopes spell it, for example `secretsmanager`.
  let service: String
  let region: String
  let credentials: AWSCredentials

  private static let algorithm = "AWS4-HMAC-SHA256"

  /// `headers` and those that the signature adds. No value may begin or end with a space, or have two in a row. `host` is
  /// signed, and left to the client to send.
  func headers(
    signing headers: [(name: String, value: String)], host: String, body: [UInt8], atSeconds now: Int64
  ) throws(CryptoError) -> [(name: String, value: String)] {
    let time = Self.timestamp(now)
    var sent = headers + [(name: "X-Amz-Date", value: time)]
    if let token = credentials.sessionToken?.text { sent.append(("X-Amz-Security-Token", token)) }
    let signed = (sent + [(name: "host", value: host)]).map { (name: $0.name.lowercased(), value: $0.value) }
      .sorted { $0.name < $1.name }
    let names = signed.map(\.name).joined(separator: ";")
    let canonical =
      "POST\n/\n\n" + signed.map { "\($0.name):\($0.value)\n" }.joined() + "\n\(names)\n"
      + Hexadecimal.encode(SHA256.digest(body))
    let scope = "\(time.prefix(8))/\(region)/\(service)/aws4_request"
    let text = "\(Self.algorithm)\n\(time)\n\(scope)\n\(Hexadecimal.encode(SHA256.digest(canonical)))"
    let code = try HMAC.code(of: Array(text.utf8), key: try key(date: time.prefix(8)), hash: .sha256)
    let signature = Hexadecimal.encode(code)
    sent.append(
      (
        "Authorization",
        "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders=\(names), "
          + "Signature=\(signature)"
      ))
    return sent
  }

  /// The key of one day, region and service: a chain of codes from the secret key on.
  func key(date: Substring) throws(CryptoError) -> SecretBytes {
    var first = Array("AWS4".utf8) + credentials.secretAccessKey.copied
    var key = SecretBytes(wiping: &first)
    for part in [String(date), region, service, "aws4_request"] {
      var code = try HMAC.code(of: Array(part.utf8), key: key, hash: .sha256)
      key = SecretBytes(wiping: &code)
    }
    return key
  }

  /// `20150830T123600Z`.
  private static func timestamp(_ seconds: Int64) -> String {
    RFC3339.text(seconds: seconds).filter { $0 != "-" && $0 != ":" }
  }
}
