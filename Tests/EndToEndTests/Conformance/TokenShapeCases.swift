import Crypto
import JSON
import TestSupport

extension ConformanceTable {
  /// What is not a token, and what is not a bearer (RFC 7515 section 7.1, RFC 6750 section 2.1).
  static let tokenShapes: [ConformanceCase] = [
    .authorization("no authorization", .unauthenticated) { _ in nil },
    .authorization("authorization empty", .unauthenticated) { _ in "" },
    .authorization("Bearer without a token", .unauthenticated) { _ in "Bearer" },
    .authorization("Bearer and a space", .unauthenticated) { _ in "Bearer " },
    .authorization("Basic scheme", .unauthenticated) { _ in "Basic dXNlcjpwYXNzd29yZA==" },
    .authorization("bearer in lower case", .unauthenticated) { "bearer " + (try $0.token()) },
    .authorization("a good token without a scheme", .unauthenticated) { try $0.token() },
    .authorization("a good token under Basic", .unauthenticated) { "Basic " + (try $0.token()) },
    .authorization("a tab after Bearer", .unauthenticated) { "Bearer\t" + (try $0.token()) },
    ConformanceCase("garbage", .unauthenticated) { _ in "garbage" },
    ConformanceCase("dots only", .unauthenticated) { _ in ".." },
    ConformanceCase("two parts", .unauthenticated) {
      try $0.token().split(separator: ".").dropLast().joined(separator: ".")
    },
    ConformanceCase("four parts", .unauthenticated) { try $0.token() + ".AAAA" },
    ConformanceCase("standard base64 instead of base64url", .unauthenticated) { world in
      let parts = try world.token().split(separator: ".")
      return "\(parts[0])+/.\(parts[1]).\(parts[2])"
    },
    ConformanceCase("padded parts", .unauthenticated) { world in
      let parts = try world.token().split(separator: ".")
      return "\(parts[0])==.\(parts[1]).\(parts[2])"
    },
    ConformanceCase("header not JSON", .unauthenticated) { world in
      try world.signed(header: Array("alg=RS256".utf8), payload: try world.claims(cluster: "main").json.encoded())
    },
    ConformanceCase("payload not JSON", .unauthenticated) { world in
      try world.signed(payload: Array("iss=me".utf8))
    },
    ConformanceCase("payload an array", .unauthenticated) { try $0.signed(payload: Array("[1,2]".utf8)) },
    ConformanceCase("a claim named twice", .unauthenticated) { world in
      let claims = String(decoding: try world.claims(cluster: "main").json.encoded(), as: UTF8.self)
      return try world.signed(
        payload: Array("{\"sub\":\"system:serviceaccount:apps:admin\",\(claims.dropFirst())".utf8))
    },
    ConformanceCase("payload not UTF-8", .unauthenticated) { try $0.signed(payload: [0xFF, 0xFE, 0x7B, 0x7D]) },
    ConformanceCase("payload nested past any use", .unauthenticated) { world in
      try world.signed(
        payload: Array((String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000)).utf8))
    },
    ConformanceCase("comma after a good token", .unauthenticated) { try $0.token() + ",x" },
  ]
}
