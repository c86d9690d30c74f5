import Foundation
import HTTPClient

/// A GetSecret as the documented API has it.
struct HTTPQuestion: Sendable {
  var authorization: String?
  var workloadToken: String?
  var store: String
  var secret: String
  var certificates: [UInt8]

  /// The request to the server at `origin`, whose certificate is checked with `serverCertificates`.
  func request(origin: String, serverCertificates: [UInt8]) -> HTTPRequest {
    var headers = [(name: "Content-Type", value: "application/json")]
    if let authorization { headers.append(("Authorization", authorization)) }
    if let workloadToken { headers.append(("x-workload-token", workloadToken)) }
    let body = certificates.isEmpty ? "{}" : "{\"ca.crt\":\"\(Data(certificates).base64EncodedString())\"}"
    return HTTPRequest(
      method: "POST", url: "\(origin)/secretstore/\(Self.escaped(store))/secrets/\(Self.escaped(secret))",
      headers: headers, body: Array(body.utf8), caCertificates: serverCertificates, timeoutSeconds: 60)
  }

  /// Everything but RFC 3986's unreserved characters as escapes.
  static func escaped(_ segment: String) -> String {
    segment.utf8.map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        String(UnicodeScalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }.joined()
  }
}
