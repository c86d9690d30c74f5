import FederationAPI
import Templates
import Testing

/// Each function, with what Go and sprig give.
@Suite struct TemplateFunctionTests {
  static let cases: [(String, String)] = [
    ("trim \"  a b \\n\"", "a b"), ("upper \"aé\"", "AÉ"), ("lower \"AÉ\"", "aé"), ("title \"ab cd\"", "Ab Cd"),
    ("trimAll \"$\" \"$5.00$\"", "5.00"), ("trimPrefix \"-\" \"-x-\"", "x-"), ("trimSuffix \"-\" \"-x-\"", "-x"),
    ("hasPrefix \"a\" \"ab\"", "true"), ("hasSuffix \"a\" \"ab\"", "false"), ("contains \"b\" \"abc\"", "true"),
    ("contains \"\" \"abc\"", "true"), ("replace \" \" \"-\" \"a b c\"", "a-b-c"), ("repeat 3 \"ab\"", "ababab"),
    ("indent 2 \"a\\nb\"", "  a\n  b"), ("nindent 2 \"a\\nb\"", "\n  a\n  b"), ("trunc 3 \"abcdef\"", "abc"),
    ("trunc -3 \"abcdef\"", "def"), ("substr 1 3 \"abcdef\"", "bc"), ("substr 2 -1 \"abcdef\"", "cdef"),
    ("(split \"$\" \"a$b\")._1", "b"), ("splitList \",\" \"a,b,\"", "[a b ]"),
    ("splitList \",\" \"a,b\" | join \"+\"", "a+b"),
    ("join \"-\" (list 1 \"x\" true)", "1-x-true"), ("quote \"a\\\"b\" 1", "\"a\\\"b\" \"1\""),
    ("quote \"\\x00\\u200b\\n\"", "\"\\x00\\u200b\\n\""), ("squote \"a\" \"b\"", "'a' 'b'"),
    ("cat \"a\" 1 true", "a 1 true"),
    ("toString 1.0", "1"), ("print \"a\" 1 2 \"b\"", "a1 2b"), ("println \"a\" 1", "a 1\n"),
    (
      "printf \"%5s|%-5s|%05d|%q|%x|%t|%v|%%\" \"ab\" \"cd\" -42 \"e\" \"hi\" true 7",
      "   ab|cd   |-0042|\"e\"|6869|true|7|%"
    ),
    ("b64enc \"a?>\"", "YT8+"), ("b64dec \"YT8+\"", "a?>"),
    ("sha256sum \"abc\"", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("toJson (dict \"b\" 1 \"a\" (list nil \"<\"))", "{\"a\":[null,\"\\u003c\"],\"b\":1}"),
    ("(fromJson \"[1,2.5,1e30]\")", "[1 2.5 1e+30]"), ("not \"\"", "true"), ("eq 1 2 1", "true"),
    ("ne \"a\" \"b\"", "true"),
    ("lt 1 2", "true"), ("le 2 2", "true"), ("gt \"b\" \"a\"", "true"), ("ge 1.5 2.5", "false"),
    ("default \"d\" \"\"", "d"), ("default \"d\" \"v\"", "v"), ("empty 0", "true"), ("coalesce \"\" 0 \"x\"", "x"),
    ("ternary \"y\" \"n\" true", "y"), ("and 1 0", "0"), ("or 0 \"x\"", "x"), ("int \"5\"", "5"), ("int \"x\"", "0"),
    ("int64 2.9", "2"), ("atoi \"7\"", "7"), ("float64 \"1.5\"", "1.5"), ("add 1 2 3", "6"), ("sub 5 2", "3"),
    ("mul 2 3", "6"), ("div 7 2", "3"), ("mod 7 2", "1"), ("max 1 3 2", "3"), ("min 1 3 2", "1"),
    ("len \"héllo\"", "6"),
    ("len (list 1 2)", "2"), ("index (list \"a\" \"b\") 1", "b"), ("index (dict \"k\" (list 7)) \"k\" 0", "7"),
    ("get (dict \"a\" 1) \"a\"", "1"), ("get (dict \"a\" 1) \"b\"", ""), ("hasKey (dict \"a\" 1) \"a\"", "true"),
    ("keys (dict \"b\" 1 \"a\" 2)", "[a b]"), ("first (list 1 2)", "1"), ("last (list 1 2)", "2"),
    ("rest (list 1 2 3)", "[2 3]"), ("initial (list 1 2 3)", "[1 2]"), ("has 2 (list 1 2)", "true"),
    ("sortAlpha (list \"b\" \"a\")", "[a b]"), ("dict \"a\" 1", "map[a:1]"),
  ]

  @Test("gives what Go and sprig give", arguments: cases)
  func gives(call: String, expected: String) throws {
    #expect(try Template("{{ \(call) }}").applied(to: [:]).text == expected)
  }

  @Test("no function is without a case")
  func complete() {
    let called = Self.cases.flatMap { $0.0.split { !$0.isLetter && !$0.isNumber }.map(String.init) }
    // `fail` gives nothing; its message is another test's.
    #expect(Set(Template.functionNames).subtracting(called) == ["fail"])
  }
}
