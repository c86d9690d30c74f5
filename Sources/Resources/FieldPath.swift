import YAML

/// Where a value stands in its manifest, put together as text only for a message.
enum FieldPath: Sendable {
  /// For example `spec.provider.fake`; empty for the manifest itself.
  case text(String)
  indirect case field(FieldPath, String)
  indirect case item(FieldPath, Int)

  /// The manifest itself.
  static let manifest = FieldPath.text("")

  /// The path of the field `name` of the mapping here.
  func appending(_ name: String) -> FieldPath {
    isManifest ? .text(name) : .field(self, name)
  }

  /// For example `spec.provider.fake.data[3].key`.
  var text: String {
    switch self {
    case .text(let text): text
    case .field(let mapping, let name): "\(mapping.text).\(name)"
    case .item(let list, let index): "\(list.text)[\(index)]"
    }
  }

  /// How messages name it.
  var name: String { quoted(text) }

  /// Whether this is the manifest itself.
  var isManifest: Bool { if case .text("") = self { true } else { false } }
}
