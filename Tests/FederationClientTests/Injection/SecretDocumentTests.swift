import FederationAPI
import JSON
import Testing
import YAML

@testable import FederationClient

@Suite struct SecretDocumentTests {
  /// Texts that a plain YAML scalar would change or break, and every kind of character that needs an escape.
  private static let texts = [
    "plain", "", "no", "0x10", "~", "- item", "key: value", "# hash", "quote\"back\\slash", "line\nfeed\r\n\ttab",
    " leading and trailing ", "\u{0}\u{1}\u{1F}\u{7F}\u{85}\u{A0}", "\u{2028}\u{2029}\u{FEFF}\u{FFFE}", "ü漢🔑", "%YAML",
    "'",
    "&a *b !c", String(repeating: "x", count: 5_000),
  ]

  private var values: [String: String] {
    Dictionary(
      uniqueKeysWithValues: Self.texts.enumerated().map { ("key \($0.offset): \($0.element.prefix(40))", $0.element) })
  }

  private func document(_ format: SecretDocument.Format) throws -> [UInt8] {
    try SecretDocument.bytes(values.mapValues { SecretBytes($0) }, format: format)
  }

  @Test("YAML gives every key and value back")
  func yamlRoundTrip() throws {
    let text = try #require(String(validating: document(.yaml), as: UTF8.self))
    let documents = YAMLStream.documents(text)
    #expect(documents.count == 1)
    guard case .mapping(let entries) = documents.first?.root?.content else {
      Issue.record("the document is no mapping")
      return
    }
    var read: [String: String] = [:]
    for entry in entries {
      guard case .scalar(let text, _) = entry.value.content else { continue }
      read[entry.key] = text
    }
    #expect(read == values)
  }

  @Test("JSON gives every key and value back")
  func jsonRoundTrip() throws {
    let read = try #require(try JSONValue.parse(document(.json)).object)
    #expect(read.compactMapValues(\.string) == Dictionary(uniqueKeysWithValues: values.map { (JSONName($0), $1) }))
  }

  @Test("keys stand in byte order, one line each in YAML")
  func order() throws {
    let values = ["b": "2", "a": "1", "B": "3"].mapValues { SecretBytes($0) }
    #expect(
      String(decoding: try SecretDocument.bytes(values, format: .yaml), as: UTF8.self)
        == "\"B\": \"3\"\n\"a\": \"1\"\n\"b\": \"2\"\n")
    #expect(
      String(decoding: try SecretDocument.bytes(values, format: .json), as: UTF8.self)
        == "{\"B\": \"3\", \"a\": \"1\", \"b\": \"2\"}\n")
  }

  @Test("the longest key that a server takes is read back from YAML")
  func longKey() throws {
    let key = String(repeating: "\u{1}", count: Limits.secretName)
    let bytes = try SecretDocument.bytes([key: SecretBytes("v"), "z": SecretBytes("w")], format: .yaml)
    let root = YAMLStream.documents(String(decoding: bytes, as: UTF8.self)).first?.root
    #expect(root?[key] != nil && root?["z"] != nil)
  }

  @Test("a value that is not UTF-8 is refused without showing it")
  func notText() {
    let error = #expect(throws: InjectionError.self) {
      try SecretDocument.bytes(["pin": SecretBytes([0x41, 0xFF, 0x42])], format: .yaml)
    }
    #expect(error?.message.contains("\"pin\" is not UTF-8") == true)
    #expect(error?.message.contains("\u{FFFD}") == false)
  }

  @Test("the path's ending decides the format", arguments: [("/a.json", true), ("/a.yaml", false), ("/json", false)])
  func format(path: String, isJSON: Bool) {
    #expect((SecretDocument.Format(path: path) == .json) == isJSON)
  }
}
