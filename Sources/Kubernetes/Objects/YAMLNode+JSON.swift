import JSON
import YAML

extension YAMLNode {
  /// The value as a manifest would have it, so that one decoder reads both.
  public init(_ json: JSONValue) {
    let content: Content
    switch json {
    case .null: content = .scalar("null", isPlain: true)
    case .bool(let bool): content = .scalar(bool ? "true" : "false", isPlain: true)
    case .number: content = .scalar(String(decoding: json.encoded(), as: UTF8.self), isPlain: true)
    case .string(let text): content = .scalar(text, isPlain: false)
    case .array(let items): content = .sequence(items.map { YAMLNode($0) })
    case .object(let members):
      let sorted = members.sorted { $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8) }
      content = .mapping(sorted.map { YAMLEntry(key: $0.key.text, keyLine: 0, value: YAMLNode($0.value)) })
    }
    self.init(content, line: 0)
  }
}
