import JSON
import Testing

@Suite struct JSONValueTests {
  @Test("reads each kind of value")
  func kinds() throws {
    let value = try parse(#"{"a":null,"b":true,"c":-1.5e2,"d":"x\u00e9\n","e":[1,[]],"f":{"g":false}}"#)
    #expect(
      value
        == ["a": nil, "b": true, "c": -150, "d": "xé\n", "e": [1, []], "f": ["g": false]])
    #expect(value["d"]?.string == "xé\n")
    #expect(value["c"]?.integer == -150)
    #expect(value["b"]?.bool == true)
    #expect(value["e"]?.array?.count == 2)
    #expect(value["f"]?["g"] == false)
    #expect(value["missing"] == nil)
    #expect(value["a"] == .some(.null))
    #expect(try parse("1.5").integer == nil)
    #expect(try parse("1e300").integer == nil)
    #expect(try parse(" \"top level\" ").string == "top level")
  }

  @Test(
    "refuses what is not JSON",
    arguments: [
      "", " ", "{", "[1,]", "[1, \n]", "[,]", "[,1]", "[1 2]", "[1,,2]", "{,}", "{\"a\" 1}", "{\"a\":}", "{\"a\"}",
      "\"\\u00zz\"", "{1:2}", "[1}", "-", "1e", "truefalse", "[\"a\":1]", ":", "{\"a\":1,}", "{a:1}", "{'a':1}", "nul",
      "tru", "01", "+1", ".5", "1.", "NaN", "Infinity",
      "\"\u{1}\"", "\"\\x\"", "\"\\ud800\"", "\"open", "[1] 2", "]", "// note\n1", "1e999", "\u{FEFF}1", "\u{0}",
      "[1\u{0}]",
    ])
  func malformed(text: String) {
    #expect(throws: JSONError.malformed) { try parse(text) }
  }

  @Test("refuses invalid UTF-8 and other encodings")
  func encodings() {
    for bytes: [UInt8] in [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x31, 0], [0, 0x31], [0xFF, 0xFE, 0x31, 0],
    ] {
      #expect(throws: JSONError.malformed) { try JSONValue.parse(bytes) }
    }
  }

  @Test("refuses a member that is named twice, also by another spelling")
  func duplicates() throws {
    for text in [#"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"[{"x":{"a":1,"b":2,"a":3}}]"#] {
      #expect(throws: JSONError.duplicateMember) { try parse(text) }
    }
    #expect(try parse(#"[{"a":1},{"a":":\"{"}]"#)[""] == nil)
  }

  @Test("bounds depth and size before it decodes")
  func bounds() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    _ = try parse(nested(32))
    #expect(throws: JSONError.tooDeep(limit: 32)) { try parse(nested(33)) }
    #expect(throws: JSONError.tooDeep(limit: 32)) { try parse(String(repeating: "[", count: 1_000_000)) }
    _ = try JSONValue.parse(Array(nested(3).utf8), maximumDepth: 3)
    #expect(throws: JSONError.tooDeep(limit: 2)) { try JSONValue.parse(Array(nested(3).utf8), maximumDepth: 2) }
    #expect(throws: JSONError.tooLarge(limit: 3)) { try JSONValue.parse(Array("1234".utf8), maximumByteCount: 3) }
    #expect(try parse(#""[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[""#).string != nil)
  }

  @Test("writes the documented spelling")
  func encoding() {
    let value: JSONValue = [
      "b": "<a>&\u{2028}\u{2029}\"\\\n\r\t\u{1}é😀", "a": [1, -1.5, true, false, nil], "Z": [:],
      "aa": 9_007_199_254_740_991,
    ]
    #expect(
      String(decoding: value.encoded(), as: UTF8.self)
        == #"{"Z":{},"a":[1,-1.5,true,false,null],"aa":9007199254740991,"#
        + #""b":"\u003ca\u003e\u0026\u2028\u2029\"\\\n\r\t\u0001é😀"}"#)
    #expect(String(decoding: JSONValue.number(.nan).encoded(), as: UTF8.self) == "null")
  }

  @Test("reads back what it wrote")
  func roundTrip() throws {
    let value: JSONValue = [
      "k": [1, 2.5, "text </script>", ["n": nil]], "long": .string(String(repeating: "é", count: 500)),
    ]
    #expect(try JSONValue.parse(value.encoded()) == value)
  }

  private func parse(_ text: String) throws(JSONError) -> JSONValue { try JSONValue.parse(Array(text.utf8)) }
}
