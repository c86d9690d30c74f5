import FederationAPI

/// Fields as HTML forms send them, `application/x-www-form-urlencoded`.
enum FormBody {
  /// `a=b&c=d`, both sides percent-encoded, with `+` for a space.
  static func encoded(_ fields: [(name: String, value: String)]) -> [UInt8] {
    var body: [UInt8] = []
    for (name, value) in fields {
      if !body.isEmpty { body.append(UInt8(ascii: "&")) }
      body += encoded(name)
      body.append(UInt8(ascii: "="))
      body += encoded(value)
    }
    return body
  }

  private static func encoded(_ text: String) -> [UInt8] {
    PercentEncoding.encode(text.utf8) { PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: " ") }
      .map { $0 == UInt8(ascii: " ") ? UInt8(ascii: "+") : $0 }
  }
}
