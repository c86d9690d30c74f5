/// A secret of the store `app`, which comes back as it was put.
struct ConformanceValue: Sendable {
  let name: String
  let key: String
  let value: String
}

extension ConformanceWorld {
  /// Keys and values that a wire could damage.
  static let values: [ConformanceValue] = [
    .init(name: "plain", key: "password", value: "s3cret"),
    .init(name: "empty", key: "empty", value: ""),
    .init(name: "what Go's encoder escapes", key: "markup", value: "<a href='x'>R&D</a>"),
    .init(name: "U+2028 and U+2029", key: "separators", value: "a\u{2028}b\u{2029}c"),
    .init(name: "quotes, backslashes and line ends", key: "quotes", value: "\"\\/'\r\n\tend\n"),
    .init(name: "control characters", key: "controls", value: "\u{01}\u{1B}[0m\u{7F}\u{1F}"),
    .init(name: "NUL inside", key: "nul", value: "before\u{0}after"),
    .init(name: "beyond the basic plane", key: "emoji", value: "🔑 пароль 密码 e\u{301}"),
    .init(name: "the replacement character itself", key: "replacement", value: "\u{FFFD}"),
    .init(name: "JSON text", key: "json", value: #"{"user":"app","n":[1,2.50,null],"u":"\u00e9"}"#),
    .init(name: "a number's text", key: "number", value: "0123"),
    .init(name: "64 KiB", key: "large", value: String(repeating: "0123456789abcdef", count: 4_096)),
    .init(name: "key with a slash", key: "team/db/password", value: "by path"),
    .init(name: "key with an escaped slash in it", key: "team%2Fdb", value: "by literal percent"),
    .init(name: "key with query and fragment marks", key: "a?b=c#d", value: "marks"),
    .init(name: "key with spaces and plus", key: " a+b ", value: "spaces"),
    .init(name: "key in unicode", key: "ключ-鍵", value: "unicode key"),
    .init(name: "key with a dot", key: "tls.crt", value: "dotted"),
    .init(name: "key of 1024 bytes", key: String(repeating: "k", count: 1_024), value: "long key"),
  ]
}
