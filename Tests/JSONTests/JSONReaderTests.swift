import JSON
import Testing

@Suite struct JSONReaderTests {
  @Test("gives the events in the text's order, and the end again and again")
  func events() throws {
    let text = Array(#"{"a":[1,"x\n",null],"b":{},"c":true}"#.utf8)
    #expect(try events(text) == ["{", "a:", "[", "1.0", "x\n", "null", "]", "b:", "{", "}", "c:", "true", "}", "end"])
    var reader = try JSONReader(text.span.bytes)
    while try describe(reader.next(in: text.span.bytes), reader, text) != "end" {}
    #expect(try describe(reader.next(in: text.span.bytes), reader, text) == "end")
  }

  @Test("skips a value whole, and checks what it skips")
  func skipping() throws {
    let text = Array(#"[[1,{"a":[]}],2,{"b":{"c":[[]]}},"s"]"#.utf8)
    var reader = try JSONReader(text.span.bytes)
    var seen: [String] = []
    _ = try reader.next(in: text.span.bytes)
    while true {
      let event = try reader.next(in: text.span.bytes)
      seen.append(describe(event, reader, text))
      if case .endArray = event { break }
      try reader.skip(event, in: text.span.bytes)
    }
    #expect(seen == ["[", "2.0", "{", "s", "]"])
    let broken = Array(#"[{"a":[1,]}]"#.utf8)
    var other = try JSONReader(broken.span.bytes)
    let first = try other.next(in: broken.span.bytes)
    var thrown: JSONError?
    do { try other.skip(first, in: broken.span.bytes) } catch { thrown = error }
    #expect(thrown == .malformed)
  }

  @Test("gives a string's first bytes as one word, also at the text's end and from escapes")
  func words() throws {
    let text = Array(#"["iss","\u0069ss","longer than it","","iss"]"#.utf8)
    var reader = try JSONReader(text.span.bytes)
    var words: [UInt64] = []
    while true {
      switch try reader.next(in: text.span.bytes) {
      case .string(let part): words.append(reader.word(part, in: text.span.bytes))
      case .end:
        let short = JSONText.word("i", "s", "s")
        #expect(words == [short, short, 0x7420_7265_676E_6F6C, 0, short])
        return
      default: break
      }
    }
  }

  @Test("compares strings by their bytes once decoded")
  func comparison() throws {
    let text = Array(#"["iss","\u0069ss","is","ıss","\u0069\u0073\u0073s"]"#.utf8)
    var reader = try JSONReader(text.span.bytes)
    var equal: [Bool] = []
    while true {
      switch try reader.next(in: text.span.bytes) {
      case .string(let part): equal.append(reader.isEqual(part, "iss", in: text.span.bytes))
      case .end:
        #expect(equal == [true, true, false, false, false])
        return
      default: break
      }
    }
  }

  @Test(
    "finds a name that is there twice wherever the two are, also among many",
    arguments: [2, 3, 15, 16, 17, 18, 31, 32, 33, 63, 64, 65, 1_000])
  func duplicates(count: Int) throws {
    for isEscaped in [false, true] {
      let names = (0..<count).map { number in "n\(number)é" }
      func text(_ names: [String]) -> [UInt8] {
        Array(
          ("{"
            + names.enumerated().map { number, name in
              let spelling = isEscaped && number % 2 == 0 ? name.replacing("n", with: "\\u006e") : name
              return "\"\(spelling)\":{\"n1é\":0}"
            }.joined(separator: ",") + "}").utf8)
      }
      #expect(try JSONValue.parse(text(names)).object?.count == count)
      for (first, second) in [(0, count - 1), (0, 1), (count - 2, count - 1), (count / 2, count - 1)]
      where first < second {
        var changed = names
        changed[second] = changed[first]
        #expect(throws: JSONError.duplicateMember) { try JSONValue.parse(text(changed)) }
      }
    }
  }

  @Test("names are the same by their bytes only: canonically equal ones are two members")
  func canonicalEquivalence() throws {
    let value = try JSONValue.parse(Array("{\"\u{E9}\":1,\"e\u{301}\":2,\"K\":3,\"\u{212A}\":4}".utf8))
    #expect(value.object?.count == 4)
    #expect(value["\u{E9}"] == 1)
    #expect(value["e\u{301}"] == 2)
    #expect(value["K"] == 3)
    #expect(
      String(decoding: value.encoded(), as: UTF8.self).utf8.elementsEqual(
        "{\"K\":3,\"e\u{301}\":2,\"\u{E9}\":1,\"\u{212A}\":4}".utf8))
  }

  @Test("bounds the depth whatever a caller asks for, and needs no stack for it")
  func depth() throws {
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)
    #expect(throws: JSONError.tooDeep(limit: 512)) { try JSONValue.parse(deep, maximumDepth: .max) }
    let closed =
      Array(repeating: UInt8(ascii: "["), count: 500_000) + Array(repeating: UInt8(ascii: "]"), count: 500_000)
    var reader = try JSONReader(closed.span.bytes, maximumDepth: 500_000)
    var count = 0
    loop: while true {
      if case .end = try reader.next(in: closed.span.bytes) { break loop }
      count += 1
    }
    #expect(count == 1_000_000)
    #expect(throws: JSONError.tooDeep(limit: 0)) { try JSONValue.parse(Array("[]".utf8), maximumDepth: 0) }
    #expect(try JSONValue.parse(Array("1".utf8), maximumDepth: 0) == 1)
  }

  @Test("the offset stands behind what was read, so that a value's own spelling can be cut out")
  func offset() throws {
    let text = Array(" {\"a\" : 1.50 ,\"b\":[ ] }".utf8)
    var reader = try JSONReader(text.span.bytes)
    var read: [String] = []
    var start = 0
    for _ in 0..<7 {
      _ = try reader.next(in: text.span.bytes)
      read.append(String(decoding: text[start..<reader.offset], as: UTF8.self))
      start = reader.offset
    }
    #expect(read == [" {", "\"a\" :", " 1.50", " ,\"b\":", "[", " ]", " }"])
  }

  private func events(_ text: [UInt8]) throws -> [String] {
    var reader = try JSONReader(text.span.bytes)
    var result: [String] = []
    while result.last != "end" { result.append(describe(try reader.next(in: text.span.bytes), reader, text)) }
    return result
  }

  private func describe(_ event: JSONReader.Event, _ reader: borrowing JSONReader, _ text: [UInt8]) -> String {
    switch event {
    case .null: "null"
    case .bool(let bool): "\(bool)"
    case .number(let number): "\(number)"
    case .string(let part): reader.string(part, in: text.span.bytes)
    case .name(let part): reader.string(part, in: text.span.bytes) + ":"
    case .beginArray: "["
    case .endArray: "]"
    case .beginObject: "{"
    case .endObject: "}"
    case .end: "end"
    }
  }
}
