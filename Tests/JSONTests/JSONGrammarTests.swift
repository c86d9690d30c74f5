import JSON
import Testing

/// Each rule of RFC 8259 from both sides: the texts that it lets through, and their nearest neighbours that it does not.
@Suite struct JSONGrammarTests {
  @Test(
    "reads every form of number, rounded to the nearest Double",
    arguments: [
      ("0", 0), ("-0", -0.0), ("1", 1), ("-1", -1), ("10", 10), ("0.5", 0.5), ("-0.5", -0.5), ("1.50", 1.5),
      ("0.0", 0), ("0e0", 0), ("0E5", 0), ("0e999999", 0), ("0.0e-999999999999999999999", 0), ("1e0", 1), ("1e+2", 100),
      ("1E2", 100), ("1e-2", 0.01), ("1e02", 100), ("1.5e3", 1_500), ("1e22", 1e22), ("1e23", 1e23), ("9e-22", 9e-22),
      ("123456789012345", 123_456_789_012_345), ("9007199254740991", 9_007_199_254_740_991),
      ("9007199254740993", 9_007_199_254_740_992), ("9007199254740995", 9_007_199_254_740_996),
      ("9223372036854775807", 0x1p63), ("18446744073709551615", 0x1p64), ("9999999999999999999", 1e19),
      ("18446744073709551616", 0x1p64), ("99999999999999999999", 1e20), ("0.1", 0.1), ("0.3", 0.3),
      ("1800000000.5", 1_800_000_000.5), ("3.141592653589793238462643383279", 3.141592653589793),
      ("1.7976931348623157e308", .greatestFiniteMagnitude), ("-1.7976931348623157e308", -.greatestFiniteMagnitude),
      ("2.2250738585072011e-308", 2.225073858507201e-308), ("4.9e-324", .leastNonzeroMagnitude), ("1e-400", 0),
      ("1e-99999999999999999999", 0), ("0.00000000000000000000000000001e29", 1),
      ("100000000000000000000000000000e-29", 1), ("1.00000000000000011102230246251565", 1),
      ("1.00000000000000011102230246251566", 1.0000000000000002),
    ] as [(String, Double)])
  func number(text: String, expected: Double) throws {
    let number = try #require(try parse(text).number)
    #expect(number == expected)
    #expect(number.sign == expected.sign)
    #expect(try parse("[\(text),{\"a\":\(text)}\n]") == [.number(expected), ["a": .number(expected)]])
  }

  @Test(
    "reads every form of string",
    arguments: [
      (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041""#, "A"),
      (#""\u00e9\u00E9""#, "éé"), (#""\u0000""#, "\0"), (#""\uD83D\uDE00""#, "😀"), (#""\ud83d\ude00x""#, "😀x"),
      (#""\uFFFF\uFFFE\uFEFF""#, "\u{FFFF}\u{FFFE}\u{FEFF}"), (#""\uDBFF\uDFFF\uD800\uDC00""#, "\u{10FFFF}\u{10000}"),
      (#""\uD7FF\uE000""#, "\u{D7FF}\u{E000}"), ("\"\u{7F}\u{80}\u{7FF}\u{800}\"", "\u{7F}\u{80}\u{7FF}\u{800}"),
      ("\"\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}\"", "\u{D7FF}\u{E000}\u{FFFF}\u{10000}\u{10FFFF}"),
      ("\"\u{2028}\u{2029}'\"", "\u{2028}\u{2029}'"), (#""12345678""#, "12345678"), (#""1234567\n9""#, "1234567\n9"),
      (#""12345678é\u0031""#, "12345678é1"), (#""\\u0041""#, "\\u0041"), (#""[]{}:,""#, "[]{}:,"),
    ])
  func string(text: String, expected: String) throws {
    #expect(try parse(text).string.map { Array($0.utf8) } == Array(expected.utf8))
    #expect(try parse("[\(text)]") == [.string(expected)])
    #expect(try parse("{\(text):\(text)}").object?[JSONName(expected)] == .string(expected))
  }

  @Test(
    "reads every form of structure, with white space wherever it may be",
    arguments: [
      ("[]", []), ("{}", [:]), (" \t\n\r[ \t\n\r] \t\n\r", []), (" { } ", [:]), ("[[],{},[[]]]", [[], [:], [[]]]),
      ("[ 1 , 2 ]", [1, 2]), ("{ \"a\" : 1 , \"b\" : { \"c\" : [ ] } }", ["a": 1, "b": ["c": []]]),
      ("{\"\":0}", ["": 0]), ("true", true), ("false", false), ("null", nil), (" null ", nil),
      ("[null,true]", [nil, true]),
      ("{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":1}]}", ["a": ["a": ["a": 1]], "b": [["a": 1], ["a": 1]]]),
    ] as [(String, JSONValue)])
  func structure(text: String, expected: JSONValue) throws {
    #expect(try parse(text) == expected)
    #expect(try JSONValue.parse(expected.encoded()) == expected)
  }

  @Test(
    "refuses everything near a number, a string, a word or a structure that is none",
    arguments: [
      "00", "-00", "-01", "0x1", "1_000", "1,5", "- 1", "--1", "+0", "-+1", "1.", "-.5", "1.e5", "1e", "1e+", "1e-",
      "1e1.5", "1ee1", "1.5.5", "0e", "1f", "1 2", "Inf", "-Infinity", "-NaN", "1e309", "-1e309", "1.8e308", "２",
      "1\u{A0}",
      "\"", "\"\\\"", "\"a", "'a'", "\"a\"\"b\"", "\"\\a\"", "\"\\U0041\"", "\"\\u\"", "\"\\u1\"", "\"\\u12\"",
      "\"\\u123\"",
      "\"\\u123g\"", "\"\\u+123\"", "\"\\u 123\"", "\"\\x41\"", "\"\\0\"", "\"\\\n\"", "\"\n\"", "\"\t\"", "\"\u{1F}\"",
      "\"\u{0}\"", "\"12345678\u{1F}\"", "\"\\uD800\"", "\"\\uDC00\"", "\"\\uD800\\uD800\"", "\"\\uDC00\\uD800\"",
      "\"\\uD800x\\uDC00\"", "\"\\uD800\\n\"", "\"\\uD800\\\\uDC00\"", "\"\\uD800\\\"", "\"\\uD800\\u\"",
      "TRUE", "True", "truе", "tru", "truee", "true1", "nulll", "nil", "undefined", "fals", "none", "t", "n", "f",
      "[", "]", "[1", "[1,", "[,", "[1,]", "[1,,1]", "[1;2]", "[1:2]", "[1}", "[[]", "[]]", "[][]", "[1]1", "[1],",
      "[-]",
      "[\"a\",\n4\n,1,", "{", "}", "{]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
      "{\"a\":1 \"b\":2}",
      "{\"a\",\"b\"}", "{\"a\"::1}", "{\"a\":1:2}", "{,\"a\":1}", "{\"a\":1,,\"b\":2}", "{null:1}", "{true:1}",
      "{[]:1}",
      "{{}:1}", "{\"a\":}", "{\"a\":1}}", "{\"a\":1]", "{\"a\":1},", "{}{}", "{} x", "/**/1", "1//", "#1", "1 #", ",",
      ":",
      "\u{FEFF}[]", "[\u{FEFF}]", "[]\u{FEFF}", "\u{B}1", "\u{C}1", "1\u{0}", "\u{0}", "[1]\u{0}", "\u{85}1",
      "\u{2028}1", "&", "é",
    ])
  func neighbours(text: String) {
    #expect(throws: JSONError.malformed) { try parse(text) }
    #expect(throws: JSONError.malformed) { try parse("[" + text + ",") }
  }

  @Test(
    "refuses what is no UTF-8, at every place of a string",
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
      [0xE1, 0x80], [0xE1, 0x80, 0x41], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
      [0xF0, 0x8F, 0xBF, 0xBF], [0xF1, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8], [0xFE],
      [0xFF], [0xC3, 0xC3], [0xE2, 0x28, 0xA1],
    ] as [[UInt8]])
  func encoding(bytes: [UInt8]) {
    for padding in 0..<10 {
      let plain = [UInt8](repeating: UInt8(ascii: "x"), count: padding)
      for before in [plain, Array("\\n".utf8) + plain] {
        for text in [[0x22] + before + bytes + [0x22], [0x22] + before + bytes, before + bytes] {
          #expect(throws: JSONError.malformed) { try JSONValue.parse(text) }
        }
      }
    }
  }

  @Test("a text that is cut short anywhere is refused, and one with a byte behind it")
  func truncation() throws {
    let text = Array(#" {"a\u00e9":[1.5e-3,"\ud83d\ude00é",{"b":null}],"c":[true,false,{}]}"#.utf8)
    _ = try JSONValue.parse(text)
    for count in 0..<text.count {
      #expect(throws: JSONError.malformed) { try JSONValue.parse(Array(text[..<count])) }
    }
    for byte: UInt8 in 0...255 where ![0x20, 0x09, 0x0A, 0x0D].contains(byte) {
      #expect(throws: JSONError.malformed) { try JSONValue.parse(text + [byte]) }
    }
  }

  private func parse(_ text: String) throws(JSONError) -> JSONValue { try JSONValue.parse(Array(text.utf8)) }
}
