import RegularExpressions
import Testing

/// One pattern over one text, with what Go 1.19's `regexp` makes of it.
struct RegularExpressionCase: Sendable, CustomTestStringConvertible {
  let pattern: String
  let text: String
  let target: String
  let replaced: String

  init(_ pattern: String, _ text: String, _ target: String, _ replaced: String) {
    (self.pattern, self.text, self.target, self.replaced) = (pattern, text, target, replaced)
  }

  var testDescription: String { "\(pattern) over \(text)" }
}

@Suite struct RegularExpressionTests {
  @Test(
    "replaces what Go replaces",
    arguments: [
      RegularExpressionCase("path/to/my/secrets/(.*)", "path/to/my/secrets/username", "$1", "username"),
      RegularExpressionCase("(.*)", "password", "$1_dev", ""),
      RegularExpressionCase("(.*)", "password", "dev_${1}", "dev_password"),
      RegularExpressionCase("(.*)", "password", "${1}_dev", "password_dev"),
      RegularExpressionCase("[^a-zA-Z0-9 -]", "foo/bar$baz", "_", "foo_bar_baz"),
      RegularExpressionCase("", "ab", "-", "-a-b-"),
      RegularExpressionCase("a*", "baac", "x", "xbxcx"),
      RegularExpressionCase("a|ab", "ab", "<$0>", "<a>b"),
      RegularExpressionCase("(?:a|ab)(c|bcd)", "abcd", "$1", "bcd"),
      RegularExpressionCase("(a*?)(a*)", "aaa", "$1,$2", ",aaa"),
      RegularExpressionCase("(a+)(b+)?", "aac", "[$1|$2]", "[aa|]c"),
      RegularExpressionCase("(?P<first>\\w+)-(?P<last>\\w+)", "ada-lovelace", "${last}.$first", "lovelace.ada"),
      RegularExpressionCase("(?i)KEY", "my-key-Key", "x", "my-x-x"),
      RegularExpressionCase("(?i:a)b", "AbAB", "x", "xAB"),
      RegularExpressionCase("^a", "aa", "x", "xa"),
      RegularExpressionCase("a$", "aa\n", "x", "aa\n"),
      RegularExpressionCase("(?m)^a$", "a\na", "x", "x\nx"),
      RegularExpressionCase("a.c", "a\nc abc", "x", "a\nc x"),
      RegularExpressionCase("(?s)a.c", "a\nc", "x", "x"),
      RegularExpressionCase("\\bdb\\b", "db-dbx db", "x", "x-dbx x"),
      RegularExpressionCase("\\d{2,3}", "1 12 123 1234", "#", "1 # # #4"),
      RegularExpressionCase("\\d{2,3}?", "1234", "#", "##"),
      RegularExpressionCase("x{,2}", "x{,2}", "y", "y"),
      RegularExpressionCase("[]a]", "]ab", "x", "xxb"),
      RegularExpressionCase("[^]a]", "]ab", "x", "]ax"),
      RegularExpressionCase("[[:upper:]]", "aBC", "x", "axx"),
      RegularExpressionCase("[[:^alpha:]]", "a1", "x", "ax"),
      RegularExpressionCase("\\p{Lu}\\pN", "Ä1", "x", "x"),
      RegularExpressionCase("\\x41\\x{1F511}", "A🔑", "x", "x"),
      RegularExpressionCase("\\Qa.b\\E+", "a.bb axb", "x", "x axb"),
      RegularExpressionCase("a(b)?", "a", "$1$$x$", "$x$"),
      RegularExpressionCase("(?U)a+", "aaa", "x", "xxx"),
      RegularExpressionCase("(|a)*", "aa", "x", "xaxax"),
      RegularExpressionCase("(a|b)*c|x", "ababc", "<$1>", "<b>"),
      RegularExpressionCase("é", "éa", "e", "ea"),
    ])
  func replaces(asked: RegularExpressionCase) throws {
    var effort = Effort(steps: 100_000)
    let expression = try RegularExpression(asked.pattern)
    #expect(try expression.replacing(in: asked.text, with: asked.target, &effort) == asked.replaced)
  }

  @Test(
    "what RE2 does not have is refused",
    arguments: [
      "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(a)\\1", "a**", "a*+", "a++", "*a", "(a", "a)", "[a", "[b-a]", "a{1001}",
      "a{2,1}", "\\", "\\K", "\\Z", "\\G", "\\p{Foo}", "\\p{Greek}", "\\012", "(?>a)", "(?#c)", "(?R)", "(?|a)",
      "(?P<a>x)(?P<a>y)", "(?P<a b>x)", "(?i", "(?-)", "[[:foo:]]", "\\x{110000}", "\\x{D800}", "\\xZZ", "[a-\\d]",
      "(*FAIL)", "\\é",
    ])
  func refused(pattern: String) {
    #expect(throws: RegularExpressionError.self) { try RegularExpression(pattern) }
  }

  @Test("patterns are bounded in length, size and depth")
  func bounds() throws {
    #expect(throws: RegularExpressionError.tooLong) { try RegularExpression(String(repeating: "a", count: 1_025)) }
    #expect(throws: RegularExpressionError.tooComplex) { try RegularExpression("((a{100}){100}){100}") }
    let deep = String(repeating: "(", count: 101) + String(repeating: ")", count: 101)
    #expect(throws: RegularExpressionError.tooComplex) { try RegularExpression(deep) }
    _ = try RegularExpression(String(repeating: "a", count: 1_024))
    _ = try RegularExpression("a{1000}")
  }

  @Test(
    "what makes a backtracking engine take ages takes little here",
    arguments: ["(a+)+$", "(a|a)*b", "(a*)*b", "(.*)(.*)(.*)(.*)(.*)x", "(a?){30}a{30}b"])
  func linear(pattern: String) throws {
    var effort = Effort(steps: 2_000_000)
    let text = String(repeating: "a", count: 1_000) + "!"
    #expect(try !RegularExpression(pattern).matches(text, &effort))
  }

  @Test("work is bounded over several matches")
  func effort() throws {
    var effort = Effort(steps: 5_000)
    let expression = try RegularExpression("b")
    let text = String(repeating: "a", count: 500)
    #expect(try !expression.matches(text, &effort))
    #expect(throws: EffortSpent.self) { for _ in 0..<10 { _ = try expression.matches(text, &effort) } }
  }

  @Test("random patterns are read or refused, and never take more than their effort")
  func random() {
    var random = SystemRandomNumberGenerator()
    let alphabet = Array("ab()[]{}*+?|^$\\.-:<>P=!12,dwsQEipU")
    for _ in 0..<20_000 {
      let pattern = String((0..<Int.random(in: 1...12)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
      guard let expression = try? RegularExpression(pattern) else { continue }
      var effort = Effort(steps: 20_000)
      _ = try? expression.replacing(in: "abab-ba12", with: "$1${b}$", &effort)
    }
  }
}
