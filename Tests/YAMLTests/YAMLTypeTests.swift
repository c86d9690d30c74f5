import Testing
import YAML

@Suite struct YAMLTypeTests {
  static let plain: [(String, YAMLType)] = [
    ("", .null), ("~", .null), ("null", .null), ("NULL", .null), ("nUll", .string),
    ("true", .boolean), ("No", .boolean), ("OFF", .boolean), ("y", .string), ("truest", .string),
    ("0", .integer), ("-12", .integer), ("+1_000", .integer), ("0x1F", .integer), ("0b101", .integer),
    ("0o17", .integer), ("0b102", .string), ("0xG", .string), ("-", .string),
    ("1.5", .float), (".5", .float), ("1.", .float), ("2e3", .float), ("-1.5E-3", .float), (".inf", .float),
    ("-.INF", .float), (".nan", .float), ("1e", .string), (".", .string), ("1.2.3", .string), ("10.0.0.1", .string),
    ("1a", .string), ("12:30", .string), ("2024-01-01", .string), ("https://x", .string), ("_", .string),
  ]

  @Test("plain text has the type that Kubernetes gives it", arguments: plain)
  func plainTypes(_ text: String, _ type: YAMLType) {
    #expect(YAMLNode(.scalar(text, isPlain: true), line: 1).type == type)
  }

  @Test("quoted text is a string whatever it says", arguments: plain)
  func quotedTypes(_ text: String, _: YAMLType) {
    #expect(YAMLNode(.scalar(text, isPlain: false), line: 1).type == .string)
  }
}
