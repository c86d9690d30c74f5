import FederationAPI
import Templates
import Testing

/// Templates come from whoever may write an ExternalSecret: each bound ends them with an error.
@Suite(.timeLimit(.minutes(2))) struct TemplateLimitTests {
  private func message(_ text: String, _ data: [String: SecretBytes] = [:]) -> String {
    do throws(TemplateError) {
      return "no error: \(try Template(text).applied(to: data).count) bytes"
    } catch {
      return error.message
    }
  }

  @Test("a long template")
  func source() { #expect(message(String(repeating: "x", count: 65_537)).contains("longer than 65536 bytes")) }

  @Test("deep parentheses and blocks")
  func depth() {
    let open = String(repeating: "(", count: 10_000)
    #expect(message("{{ \(open)1\(String(repeating: ")", count: 10_000)) }}").contains("more than 32 deep"))
    let blocks = String(repeating: "{{if 1}}", count: 2_000) + String(repeating: "{{end}}", count: 2_000)
    #expect(message(blocks).contains("more than 32 deep"))
  }

  @Test("many steps")
  func steps() {
    let items = "{{ $l := splitList \",\" .x }}"
    let nested = "{{ range $l }}{{ range $l }}{{ range $l }}{{ end }}{{ end }}{{ end }}"
    let data = ["x": SecretBytes(String(repeating: ",", count: 1_000))]
    #expect(message(items + nested, data).contains("too many steps"))
  }

  @Test("a long result, and a long value")
  func output() {
    #expect(message("{{ repeat 1048577 \"x\" }}").contains("expected a number"))
    #expect(message("{{ repeat 1048576 \"xy\" }}").contains("longer than 1048576 bytes"))
    let data = ["x": SecretBytes(String(repeating: "x", count: 600_000))]
    #expect(message("{{ .x }}{{ .x }}", data).contains("the result would be longer"))
  }

  @Test("much work on long values")
  func handled() {
    let data = ["x": SecretBytes(String(repeating: "x", count: 500_000))]
    let work =
      "{{ range splitList \",\" \"\(String(repeating: ",", count: 1_000))\" }}{{ $y := $.x | sha256sum }}{{ end }}"
    #expect(message(work, data).contains("handles too many bytes"))
  }

  @Test("searches take time in proportion to the text")
  func linear() {
    let text = SecretBytes(String(repeating: "a", count: 900_000))
    let part = String(repeating: "a", count: 30_000) + "b"
    #expect(message("{{ contains \"\(part)\" .x }}", ["x": text]) == "no error: 5 bytes")
    #expect(message("{{ len (replace \"\(part)\" \"\" .x) }}", ["x": text]) == "no error: 6 bytes")
  }
}
