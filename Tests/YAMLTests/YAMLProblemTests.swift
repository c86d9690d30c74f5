import Testing
import YAML

@Suite struct YAMLProblemTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var text: String
    var line: Int
    var message: String
    var testDescription: String { text.debugDescription }
  }

  static let cases: [Case] = [
    Case(
      text: "x: 1\na: [1, 2\nb: 3\n", line: 2,
      message: "the list opened with `[` is not closed; add the missing `,` or `]`"),
    Case(
      text: "a: {x: 1\nb: 3\n", line: 1,
      message: "the mapping opened with `{` is not closed; add the missing `,` or `}`"),
    Case(
      text: "x: 1\na: \"open\nb: 2\n", line: 2,
      message: "the quoted value that begins here is not closed; add the missing quote"),
    Case(
      text: "a: b: c\n", line: 1,
      message: "a `:` is not allowed here; put the value in quotes, or correct the indentation"),
    Case(
      text: "spec:\n  url: x\n   audiences: []\n", line: 3,
      message: "a `:` is not allowed here; put the value in quotes, or correct the indentation"),
    Case(
      text: "x: 1\na: ]\n", line: 2,
      message: "a value was expected here; put it in quotes, or close the `[` or `{` that stands above"),
    Case(text: "a:\n\tb: 1\n", line: 2, message: "a tab cannot indent; use spaces"),
    Case(text: "a: @x\n", line: 1, message: "`@` cannot begin a value; put the value in quotes"),
    Case(text: "é: 1\na: `x`\n", line: 2, message: "'`' cannot begin a value; put the value in quotes"),
    Case(
      text: "a:\n  b: 1\n c: 2\n", line: 3,
      message: "a key was expected here; correct the indentation, or the quotes of the value above"),
    Case(text: "- a\nb: c\n", line: 2, message: "a `-` item was expected here; correct the indentation"),
    Case(
      text: "a: - b\n", line: 1, message: "a `-` item is not allowed here; put it on a line of its own, below its key"),
    Case(
      text: "a: \"\\q\"\n", line: 1,
      message: "the escape is not one of YAML's; use single quotes for text with backslashes"),
    Case(
      text: "{\"a\":\n\"\\uD83D\\uDE00\"}", line: 2,
      message: "the escape names no character; write the character itself in place of a `\\u` pair"),
    Case(
      text: "a: |\n x\ny\n", line: 3,
      message: "this is no `key: value`; add the `:` and a space, or correct the indentation"),
    Case(
      text: "a: \u{01}\n", line: 1,
      message: "control characters are not allowed; remove them, or write them as escapes in double quotes"),
    Case(
      text: "a: 1\n...\nb: 2\n", line: 3,
      message: "only one value is allowed in a document; correct the indentation, or begin a document with `---`"),
    Case(
      text: "a\nb: c\n", line: 2,
      message: "a `:` is not allowed here; put the value in quotes, or correct the indentation"),
  ]

  @Test("a syntax error names the line of the fault and what to do", arguments: cases)
  func syntax(_ example: Case) {
    let problems = YAMLStream.documents(example.text).flatMap(\.problems)
    #expect(problems == [YAMLProblem(line: example.line, message: example.message)])
  }

  @Test("after a syntax error reading goes on at the next document, with true lines", arguments: cases)
  func recovery(_ example: Case) throws {
    // A document start inside the broken text would end it there.
    let broken = example.text.hasSuffix("\n") ? example.text : example.text + "\n"
    let documents = YAMLStream.documents(broken + "---\ngood: 1\n--- @\n---\nlast: 1\n")
    let lines = broken.split(separator: "\n", omittingEmptySubsequences: false).count - 1
    let good = documents.filter { $0.root?["good"] != nil || $0.root?["last"] != nil }
    #expect(good.map(\.line) == [lines + 2, lines + 5])
    #expect(documents.flatMap(\.problems).map(\.line) == [example.line, lines + 3])
  }
}
