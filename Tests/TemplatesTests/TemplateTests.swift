import FederationAPI
import Templates
import Testing

/// The language: what a template gives, as Go's `text/template` gives it.
@Suite struct TemplateTests {
  static let data = [
    "user": "ann", "password": "p\"1<", "empty": "",
    "doc": #"{"port":5432,"hosts":["a","b"],"deep":{"x":"y"},"ok":true}"#,
    "some-key": "dashed",
  ]

  static func applied(_ text: String) throws -> String? {
    try Template(text).applied(to: data.mapValues { SecretBytes($0) }).text
  }

  @Test(
    "text, fields, pipelines and functions",
    arguments: [
      ("plain", "plain"),
      ("{{ .user }}:{{ .password }}", "ann:p\"1<"),
      ("{{.user|upper}}", "ANN"),
      ("{{ .user | upper | quote }}", "\"ANN\""),
      ("{{ printf \"%s@%s\" .user \"host\" }}", "ann@host"),
      ("{{ (.doc | fromJson).port }}", "5432"),
      ("{{ (fromJson .doc).deep.x }}", "y"),
      ("{{ $d := .doc | fromJson }}{{ $d.deep.x }}/{{ index $d.hosts 1 }}", "y/b"),
      ("{{ index . \"some-key\" }}", "dashed"),
      ("{{ $.user }}", "ann"),
      ("{{ with .doc | fromJson }}{{ .port }}-{{ $.user }}{{ end }}", "5432-ann"),
      ("{{ \"a\\tb\\u00e9\\\"\" }}", "a\tb\u{e9}\""),
      ("{{ `raw\\n` }}", "raw\\n"),
      ("{{ 'a' }} {{ 0x10 }} {{ -3 }} {{ 1.5 }} {{ true }} {{ 1e3 }}", "97 16 -3 1.5 true 1000"),
      ("{{ nil | default \"x\" }}", "x"),
    ])
  func applies(text: String, expected: String) throws { #expect(try Self.applied(text) == expected) }

  @Test(
    "conditions, ranges and variables",
    arguments: [
      ("{{ if .user }}yes{{ else }}no{{ end }}", "yes"),
      ("{{ if .empty }}yes{{ else if eq .user \"ann\" }}ann{{ else }}no{{ end }}", "ann"),
      ("{{ if and .user (not .empty) }}both{{ end }}", "both"),
      ("{{ with .empty }}x{{ else with .user }}{{ . }}{{ end }}", "ann"),
      ("{{ range (fromJson .doc).hosts }}<{{ . }}>{{ end }}", "<a><b>"),
      ("{{ range $i, $h := (fromJson .doc).hosts }}{{ $i }}={{ $h }};{{ end }}", "0=a;1=b;"),
      ("{{ range $k, $v := (fromJson .doc).deep }}{{ $k }}{{ $v }}{{ end }}", "xy"),
      ("{{ range list }}x{{ else }}none{{ end }}", "none"),
      (
        "{{ range list 1 2 3 4 }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ if eq . 4 }}{{ break }}{{ end }}{{ . }}{{ end }}",
        "13"
      ),
      ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
      ("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21"),
      // Not looked at once the outcome is certain.
      ("{{ or .user .missing }}{{ and .empty .missing }}", "ann"),
    ])
  func controls(text: String, expected: String) throws { #expect(try Self.applied(text) == expected) }

  @Test(
    "white space goes where a delimiter has a dash, comments go",
    arguments: [
      ("a  {{- 1 -}}  b", "a1b"), ("a {{ 1 }} b", "a 1 b"), ("a\n{{- /* gone */ -}}\n b", "ab"),
      ("a{{/* gone */}}b", "ab"), ("{{3 -}}\n\n{{- 4}}", "34"), ("x {{-3}}", "x -3"),
    ])
  func trims(text: String, expected: String) throws { #expect(try Self.applied(text) == expected) }

  @Test(
    "what is wrong is refused when the template is made, with its place",
    arguments: [
      ("a\n{{ nope .user }}", "2:3", "there is no function \"nope\""),
      ("{{ .user", "1:9", "the action has no }}"),
      ("{{ if .user }}x", "1:3", "if has no {{ end }}"),
      ("{{ end }}", "1:3", "there is nothing here to end"),
      ("{{ $x }}", "1:3", "there is no variable $x here"),
      ("{{ upper }}", "1:3", "upper takes 1 arguments, not 0"),
      ("{{ .user | 1 }}", "1:11", "a value cannot take the result"),
      ("{{ define \"x\" }}{{ end }}", "1:3", "define is not supported"),
      ("{{ \"open }}", "1:4", "the quoted text is not closed"),
      ("{{ break }}", "1:3", "break stands outside of range"),
      ("{{ }}", "1:3", "a value or function is missing"),
      ("{{ env \"HOME\" }}", "1:3", "there is no function \"env\""),
      ("{{ .a .b }}", "1:3", "a value takes no arguments"),
    ])
  func refuses(text: String, place: String, message: String) throws {
    let error = #expect(throws: TemplateError.self) { try Template(text) }
    #expect(error?.message.hasPrefix(message) == true, "\(error?.description ?? "")")
    #expect(error.map { "\($0.line):\($0.column)" } == place)
  }

  @Test("a refused function's message lists those that work")
  func lists() throws {
    let error = #expect(throws: TemplateError.self) { try Template("{{ genPrivateKey }}") }
    for name in Template.functionNames { #expect(error?.message.contains(name) == true) }
  }

  @Test(
    "what fails while it is applied says where, and shows no value",
    arguments: [
      ("{{ .missing }}", "there is no key \"missing\""),
      ("{{ .password | fromJson }}", "fromJson: the value is no JSON"),
      ("{{ .password | b64dec }}", "b64dec: the value is not base64"),
      ("{{ .password.x }}", "a text has no field \"x\""),
      ("{{ fail .password }}", "fail: the template gave up"),
      ("{{ range .password }}{{ end }}", "range cannot go over a text"),
      ("{{ eq .password 1 }}", "eq: a text and an int cannot be compared"),
      ("{{ printf \"%d\" .password }}", "printf: %d does not fit a text"),
      ("{{ index (list 1) 4 }}", "index: the place is outside of the list"),
      ("{{ div 1 0 }}", "div: the result is no 64-bit number"),
    ])
  func fails(text: String, message: String) throws {
    let template = try Template(text)
    let error = #expect(throws: TemplateError.self) {
      try template.applied(to: Self.data.mapValues { SecretBytes($0) })
    }
    #expect(error?.message.hasPrefix(message) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("p\"1<") == false)
  }

  @Test("bytes that are no text pass through")
  func bytes() throws {
    let value = SecretBytes([0xFF, 0x00, 0x80])
    #expect(try Template("{{ .raw }}").applied(to: ["raw": value]) == value)
    #expect(try Template("{{ .raw | b64enc | b64dec }}").applied(to: ["raw": value]) == value)
    #expect(try Template("{{ .raw | b64enc }}").applied(to: ["raw": value]).text == "/wCA")
  }
}
