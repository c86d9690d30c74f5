import Testing
import YAML

@Suite struct QuotedTests {
  @Test("names stand in backticks, control and bidirectional characters as escapes, and long text is cut")
  func forms() {
    #expect(quoted("db") == "`db`")
    #expect(quoted("a`b") == "'a`b'")
    #expect(quoted("a\nb\u{1B}[31m\u{202E}") == "`a\\u{A}b\\u{1B}[31m\\u{202E}`")
    #expect(quoted(String(repeating: "x", count: 80)) == "`" + String(repeating: "x", count: 80) + "`")
    #expect(quoted(String(repeating: "x", count: 81)) == "`" + String(repeating: "x", count: 80) + "…`")
  }
}
