import FederationAPI
import Testing

@testable import SecretStores

@Suite struct JSONPropertyTests {
  /// The value's text, or the failure's name.
  private func value(_ property: String, in json: String) -> String {
    do throws(JSONProperty.Failure) {
      return try JSONProperty.value(of: property, in: json.utf8.span.bytes).text ?? "not UTF-8"
    } catch { return "\(error)" }
  }

  @Test(
    "a property gives a string's content and anything else as compact JSON",
    arguments: [
      (#"{"a":"text"}"#, "a", "text"),
      (#"  { "a" : "text" }  "#, "a", "text"),
      (#"{"a":{"b":[1,2,{"c":"deep"}]}}"#, "a.b.2.c", "deep"),
      (#"{"a":{"b":[1,2,{"c":"deep"}]}}"#, "a.b.0", "1"),
      (#"{"a": { "b" : [ 1 , "x y" , {} ] } }"#, "a", #"{"b":[1,"x y",{}]}"#),
      (#"[ [1, 2], "s" ]"#, "0", "[1,2]"),
      (#"[[1,2],"s"]"#, "1", "s"),
      (#"["a","b"]"#, "00001", "b"),
      (#"{"0":"zero"}"#, "0", "zero"),
      (#"{"a":true,"b":false,"c":null}"#, "a", "true"),
      (#"{"a":true,"b":false,"c":null}"#, "b", "false"),
      (#"{"a":true,"b":false,"c":null}"#, "c", "null"),
      (#"{"a":""}"#, "a", ""),
      (#"{"":"empty name"}"#, ".", "missing"),
      (#"{"":{"":"empty names"}}"#, ".", "empty names"),
    ])
  func lookups(json: String, property: String, expected: String) {
    #expect(value(property, in: json) == expected)
  }

  @Test(
    "numbers keep every digit",
    arguments: ["0", "-0", "1.50", "1e5", "1E+05", "-2.5e-3", "12345678901234567890", "0.1000000000000000055"])
  func numbers(number: String) {
    #expect(value("a", in: "{\"a\":\(number)}") == number)
    #expect(value("a", in: "{\"a\":[\(number)]}") == "[\(number)]")
  }

  @Test(
    "dots in names: the whole name first, then the path, then what is escaped",
    arguments: [
      (#"{"a.b":"whole","a":{"b":"path"}}"#, "a.b", "whole"),
      (#"{"a":{"b":"path"},"a.b":"whole"}"#, "a.b", "whole"),
      (#"{"a.b":"whole","a":{"b":"path"}}"#, #"a\.b"#, "whole"),
      (#"{"x":{"a.b":"inner"}}"#, #"x.a\.b"#, "inner"),
      (#"{"x":{"a.b":"inner"}}"#, "x.a.b", "missing"),
      (#"{"a\\b":"backslash"}"#, #"a\\b"#, "backslash"),
      (#"{"a\\":"last"}"#, #"a\"#, "last"),
      (#"{"*":"star","ab":"no"}"#, "*", "star"),
      (#"{"ab":"no"}"#, "a*", "missing"),
      (#"{"a":[1]}"#, "a.#", "missing"),
    ])
  func dots(json: String, property: String, expected: String) {
    #expect(value(property, in: json) == expected)
  }

  @Test(
    "names and strings are decoded",
    arguments: [
      (#"{"k\u00e9y":"v"}"#, "kéy", "v"),
      (#"{"a":"\"\\\/\b\f\n\r\t"}"#, "a", "\"\\/\u{8}\u{C}\n\r\t"),
      (#"{"a":"\uD83D\uDD11 \u0000."}"#, "a", "🔑 \u{0}."),
      (#"{"a":"\ud83d"}"#, "a", "\u{FFFD}"),
      (#"{"a":"\udd11\ud83d"}"#, "a", "\u{FFFD}\u{FFFD}"),
      (#"{"a":"\ud83d\u0041"}"#, "a", "\u{FFFD}A"),
      (#"{"a":"\ud83dx"}"#, "a", "\u{FFFD}x"),
      (#"{"a":["\u00e9 , ]"]}"#, "a", #"["\u00e9 , ]"]"#),
      (#"{"a":"Zoë 🔑"}"#, "a", "Zoë 🔑"),
    ])
  func strings(json: String, property: String, expected: String) {
    #expect(value(property, in: json) == expected)
  }

  @Test("two spellings of one character are two names")
  func exactBytes() {
    #expect(value("caf\u{E9}", in: "{\"cafe\u{301}\":1,\"caf\u{E9}\":2}") == "2")
  }

  @Test("of members with one name the first counts")
  func duplicates() { #expect(value("a", in: #"{"a":1,"a":2}"#) == "1") }

  @Test(
    "what is not there is missing",
    arguments: [
      (#"{"a":"text"}"#, "b"), (#"{"a":"text"}"#, "a.b"), (#"{"a":"text"}"#, "a.0"), (#"{"a":"text"}"#, "A"),
      ("[1,2]", "2"), ("[1,2]", "-1"), ("[1,2]", "+1"), ("[1,2]", "1 "), ("[]", "0"), ("[1]", "0000000000"), ("7", "0"),
      (#""text""#, "text"), ("{}", ""), ("null", "a"), (#"{"a":1}"#, String(repeating: "a", count: 5_000)),
    ])
  func missing(json: String, property: String) { #expect(value(property, in: json) == "missing") }

  @Test(
    "what is not JSON has no property, however well it starts",
    arguments: [
      "", " ", "text", "{", #"{"a":1"#, #"{"a":1}}"#, #"{"a":1} x"#, #"{"a":1,}"#, #"{a:1}"#, #"{'a':1}"#, #"{"a" 1}"#,
      "[1,]", "[1 2]", #"{"a":01}"#, #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":+1}"#, #"{"a":1e}"#, #"{"a":-}"#, #"{"a":tru}"#,
      #"{"a":nulll}"#, #"{"a":"\x"}"#, #"{"a":"\u12g4"}"#, #"{"a":"\u12"#, "{\"a\":\"\u{1}\"}", "{\"a\":\"\n\"}",
      #"{"a":"b"#, #"{"a":"b\"#, "\u{FEFF}{\"a\":1}", #"{"a":1}{"a":2}"#, "{\"a\":1}\u{0}", "{\"a\":NaN}",
    ])
  func malformed(json: String) { #expect(value("a", in: json) == "notJSON") }

  @Test("bytes that are not UTF-8 are not JSON")
  func invalidUTF8() {
    let bytes = Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8)
    #expect(throws: JSONProperty.Failure.notJSON) { try JSONProperty.value(of: "a", in: bytes.span.bytes) }
  }

  @Test("nesting is bounded, and what is within the bound is found")
  func depth() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + "\"x\"" + String(repeating: "]", count: depth)
    }
    let path = Array(repeating: "0", count: 64).joined(separator: ".")
    #expect(value(path, in: nested(64)) == "x")
    #expect(value(path, in: nested(65)) == "notJSON")
    #expect(value("0", in: String(repeating: "[", count: 1_000_000)) == "notJSON")
  }

  @Test("every cut of a document is refused or answered, never a crash")
  func cuts() {
    let json = Array(#" {"a\u00e9\ud83d\udd11":[1,-2.5e+3,true,null,{"b":"\\\"é"}],"c":"d"} "#.utf8)
    for end in 0..<json.count - 1 {
      for start in [0, end / 2, end] {
        let cut = Array(json[start..<end])
        _ = try? JSONProperty.value(of: "c", in: cut.span.bytes)
        if start == 0 && end < json.count - 1 {
          #expect(throws: JSONProperty.Failure.notJSON) { try JSONProperty.value(of: "c", in: cut.span.bytes) }
        }
      }
    }
    #expect((try? JSONProperty.value(of: "c", in: json.span.bytes))?.text == "d")
  }
}
