import YAML

extension PostgreSqlSpec.Attribute {
  private static let connectionLimit = "CONNECTION_LIMIT"
  private static let names = [
    "SUPERUSER", "CREATEDB", "CREATEROLE", "REPLICATION", "NOINHERIT", "BYPASSRLS", connectionLimit,
  ]

  /// Reads `attributes` of a user; nil when something was reported.
  static func list(_ user: MappingReader) -> [Self]? {
    guard let items = user.items("attributes") else { return nil }
    var attributes: [Self] = []
    var seen: Set<String> = []
    for item in items {
      guard
        let reader = MappingReader(
          item.node, path: item.path, line: item.node.line, fields: ["name", "value"], report: user.report),
        let name = reader.string("name", "write one of \(Suggestion.list(names))"),
        let attribute = Self(name, reader)
      else { return nil }
      guard seen.insert(name.value).inserted else {
        user.report.error(name.line, "\(reader.name("name")) gives \(quoted(name.value)) a second time; remove it")
        return nil
      }
      attributes.append(attribute)
    }
    return attributes
  }

  private init?(_ name: Located<String>, _ reader: MappingReader) {
    if name.value == Self.connectionLimit {
      guard reader.required("value", "give the number of connections, `-1` for no limit") != nil,
        let limit = reader.integer("value", in: -1...Int(Int32.max), default: -1, isTextAllowed: true)
      else { return nil }
      self = .connectionLimit(limit)
      return
    }
    switch name.value {
    case "SUPERUSER": self = .superuser
    case "CREATEDB": self = .createDB
    case "CREATEROLE": self = .createRole
    case "REPLICATION": self = .replication
    case "NOINHERIT": self = .noInherit
    case "BYPASSRLS": self = .bypassRLS
    default:
      let advice = Suggestion.advice(
        for: name.value, among: Self.names, otherwise: "; write one of \(Suggestion.list(Self.names))")
      reader.report.error(name.line, "unknown role attribute \(quoted(name.value))\(advice)")
      return nil
    }
    if let entry = reader.optional("value") {
      reader.report.error(entry.keyLine, "\(reader.name("value")) is for `\(Self.connectionLimit)` only; remove it")
      return nil
    }
  }
}
