import Testing
import YAML

@Suite struct YAMLStreamTests {
  private func root(_ text: String) throws -> YAMLNode {
    let documents = YAMLStream.documents(text)
    try #require(documents.count == 1)
    #expect(documents[0].problems == [])
    return try #require(documents[0].root)
  }

  private func problems(_ text: String) -> [YAMLProblem] {
    YAMLStream.documents(text).flatMap(\.problems)
  }

  @Test("every key, scalar and sequence knows its line and whether it was quoted")
  func lines() throws {
    let node = try root("# head\n\na: plain\n'b':\n  - \"quoted\"\n  - |\n    block\nc: {d: [e,\n  f]}\n")
    #expect(
      node
        == YAMLNode(
          .mapping([
            YAMLEntry(key: "a", keyLine: 3, value: YAMLNode(.scalar("plain", isPlain: true), line: 3)),
            YAMLEntry(
              key: "b", keyLine: 4, isKeyPlain: false,
              value: YAMLNode(
                .sequence([
                  YAMLNode(.scalar("quoted", isPlain: false), line: 5),
                  YAMLNode(.scalar("block\n", isPlain: false), line: 6),
                ]), line: 5)),
            YAMLEntry(
              key: "c", keyLine: 8,
              value: YAMLNode(
                .mapping([
                  YAMLEntry(
                    key: "d", keyLine: 8,
                    value: YAMLNode(
                      .sequence([
                        YAMLNode(.scalar("e", isPlain: true), line: 8),
                        YAMLNode(.scalar("f", isPlain: true), line: 9),
                      ]), line: 8))
                ]), line: 8)),
          ]), line: 3))
  }

  @Test("several documents come in order, each with its line; empty streams hold none")
  func documents() {
    let documents = YAMLStream.documents("a: 1\n--- b\n...\n---\nx: y")
    #expect(documents.map(\.line) == [1, 2, 5])
    #expect(documents.flatMap(\.problems).isEmpty)
    #expect(YAMLStream.documents("").isEmpty)
    #expect(YAMLStream.documents("# nothing\n").isEmpty)
  }

  @Test("JSON is read, with tabs, escapes and quoted keys")
  func json() throws {
    let node = try root("{\"a\":\t1,\n\t\"b\": \"x\\/\\u00e9\\n\", \"c\": null}")
    #expect(node["a"]?.type == .integer)
    #expect(node["b"]?.content == .scalar("x/é\n", isPlain: false))
    #expect(node["b"]?.line == 2)
    #expect(node["c"]?.type == .null)
  }

  @Test("a byte order mark and CRLF line ends change nothing")
  func windowsFile() throws {
    let node = try root("\u{FEFF}a: 1\r\nb: 2\r\n")
    #expect(node["b"] == YAMLNode(.scalar("2", isPlain: true), line: 2))
  }

  @Test("a duplicate key is an error that names both lines, in short mappings and long ones")
  func duplicateKeys() {
    #expect(
      problems("a: 1\nb: 2\na: 3\n")
        == [YAMLProblem(line: 3, message: "`a` is given twice, first on line 1; remove one of them")])
    let long = (1...40).map { "k\($0): x\n" }.joined()
    #expect(problems(long).isEmpty)
    #expect(
      problems(long + "k7: y\nk39: z\n")
        == [
          YAMLProblem(line: 41, message: "`k7` is given twice, first on line 7; remove one of them"),
          YAMLProblem(line: 42, message: "`k39` is given twice, first on line 39; remove one of them"),
        ])
  }

  @Test("aliases are refused, so that no document can grow by expansion; anchors alone are harmless")
  func aliases() throws {
    let documents = YAMLStream.documents("a: &x [1]\nb: *x\n")
    #expect(documents.first?.root == nil)
    #expect(
      documents.first?.problems
        == [YAMLProblem(line: 2, message: "aliases (`*name`) are not supported; write the value out")])
    #expect(try root("a: &x 1\n")["a"]?.type == .integer)
  }

  @Test("tags that Kubernetes knows are read, others refused by name")
  func tags() throws {
    #expect(try root("a: !!str 12\n")["a"]?.type == .string)
    #expect(try root("a: ! 12\n")["a"]?.type == .string)
    #expect(try root("a: !!int 12\n")["a"]?.type == .integer)
    #expect(problems("a: !secret b\n").map(\.message) == ["the tag `!secret` is not supported; remove it"])
    #expect(problems("a: !!binary aGk=\n").map(\.message) == ["the tag `!!binary` is not supported; remove it"])
    #expect(problems("a: !!map [1]\n").map(\.message) == ["the tag `!!map` is not supported; remove it"])
  }

  @Test("64 collections may be nested, one more is refused")
  func depth() throws {
    _ = try root(String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
    let message = "values are nested more than 64 deep; flatten them"
    #expect(problems(String(repeating: "[", count: 65)) == [YAMLProblem(line: 1, message: message)])
    #expect(problems("a: 1\n---\n" + String(repeating: "- ", count: 9_000)) == [YAMLProblem(line: 3, message: message)])
  }

  @Test("a stream over the limit is refused unread, and the limit is 128 MiB unless another is given")
  func size() {
    let text = String(repeating: "#", count: 2 << 20)
    var texts = RepeatedText()
    var problems: [YAMLProblem] = []
    var limits = YAMLLimits()
    #expect(limits.bytes == 128 << 20)
    limits.bytes = 2 << 20
    YAMLStream.read(text.utf8.span.bytes, limits: limits, reusing: &texts) { problems += $0.problems }
    #expect(problems.isEmpty)
    let longer = text + "#"
    YAMLStream.read(longer.utf8.span.bytes, limits: limits, reusing: &texts) { problems += $0.problems }
    #expect(problems == [YAMLProblem(line: 1, message: "the file is larger than 2 MiB; split it")])
  }

  @Test("a document may hold so many values, and the next one begins to count anew")
  func values() {
    var limits = YAMLLimits()
    limits.values = 5
    var texts = RepeatedText()
    var documents: [YAMLDocument] = []
    let text = "[1, 2, 3, 4]\n---\n[1, 2, {a: b}]\n---\n[1,\n2, 3]\n"
    YAMLStream.read(text.utf8.span.bytes, limits: limits, reusing: &texts) { documents.append($0) }
    #expect(documents.map { $0.root != nil } == [true, false, true])
    #expect(
      documents.flatMap(\.problems)
        == [YAMLProblem(line: 3, message: "the document holds more than 5 values; split it")])
  }

  @Test("of very many faults the first are noted, and one more says that there are others")
  func manyProblems() {
    var limits = YAMLLimits()
    limits.problems = 2
    var texts = RepeatedText()
    for (text, count) in [("a: *x\nb: *x\n", 2), ("a: *x\nb: *x\nc: *x\nd: *x\n", 3)] {
      var problems: [YAMLProblem] = []
      YAMLStream.read(text.utf8.span.bytes, limits: limits, reusing: &texts) { document in
        #expect(document.root == nil)
        problems += document.problems
      }
      #expect(problems.map(\.line) == Array(1...count))
      #expect(problems.last?.message.hasPrefix("more faults follow") == (count == 3))
    }
  }

  @Test("keys that are no text are refused")
  func keys() {
    let message = "a key must be text, not a list; check for a stray `?`, `[` or `{`"
    #expect(problems("x: 1\n? [a]\n: b\n") == [YAMLProblem(line: 2, message: message)])
  }

  @Test("bytes that are not UTF-8 are refused on their line")
  func encoding() {
    var problems: [YAMLProblem] = []
    let bytes = Array("a: 1\nb: ".utf8) + [0xFF, 0xFE]
    var texts = RepeatedText()
    YAMLStream.read(bytes.span.bytes, reusing: &texts) { problems += $0.problems }
    #expect(problems == [YAMLProblem(line: 2, message: "the text is not UTF-8; save the file as UTF-8")])
  }

  @Test("a byte that is no text is reported once, whichever documents stand around it")
  func encodingReportedOnce() {
    let documents = YAMLStream.documents("a: 1\n---\nb: 1\n---\nc: \u{7}\n---\nd: 1\n")
    #expect(documents.flatMap(\.problems).map(\.line) == [5])
    #expect(documents.last?.root?["d"] != nil)
  }
}
