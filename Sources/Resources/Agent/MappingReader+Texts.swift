import YAML

extension MappingReader {
  /// The texts by key in the mapping `field`; empty when it is absent, nil when something in it was reported.
  func texts(_ field: String) -> [String: String]? {
    guard let entry = optional(field) else { return [:] }
    guard case .mapping(let entries) = entry.value.content else {
      report.error(entry.value.line, "\(name(field)) must be a mapping, not \(entry.value.type.phrase)")
      return nil
    }
    var values: [String: String] = [:]
    let errorsBefore = report.errorCount
    for entry in entries where entry.value.type != .null {
      values[entry.key] = text(entry.value, name("\(field).\(entry.key)"))?.value
    }
    return report.errorCount == errorsBefore ? values : nil
  }

  /// The entry of a Secret or ConfigMap that the required `field` names. It stands in the namespace of what refers to it,
  /// so a `namespace` beside it must be that one.
  func dataSelector(_ field: String, namespace: String) -> SecretKeySelector? {
    var context = SecretContext(namespace: namespace)
    return context.selector(field, of: self)
  }
}
