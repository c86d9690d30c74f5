import FederationAPI
import YAML

extension FakeSpec {
  static let fields = ["controller", "data"]

  /// Reads `spec`; nil when something in it was reported.
  init?(_ spec: MappingReader) {
    spec.refuseOtherController()
    let advice = "write the values by name, for example `data: {user: alice}`"
    guard let entry = spec.required("data", advice) else { return nil }
    guard case .mapping(let entries) = entry.value.content else {
      spec.report.error(entry.value.line, "`spec.data` must be a mapping, not \(entry.value.type.phrase); \(advice)")
      return nil
    }
    guard let data = spec.secretValues(entries, "spec.data") else { return nil }
    self.init(data: data)
  }
}

extension MappingReader {
  /// Refuses a `controller` that is not this one.
  func refuseOtherController() {
    guard let entry = optional("controller"), let controller = text(entry.value, name("controller")),
      !["", "external-secrets"].contains(controller.value)
    else { return }
    report.error(
      controller.line,
      "\(name("controller")) leaves the generator to another controller; remove the field, or the manifest")
  }

  /// The texts of `entries` by their keys; nil when something was reported.
  func secretValues(_ entries: [YAMLEntry], _ field: String) -> [String: SecretBytes]? {
    var values: [String: SecretBytes] = [:]
    var isGood = true
    for entry in entries {
      guard checkedDataKey(entry, field), let text = text(entry.value, quoted("\(field).\(entry.key)")) else {
        isGood = false
        continue
      }
      values[entry.key] = SecretBytes(text.value)
    }
    return isGood ? values : nil
  }

  /// Whether the entry's key can name a Secret's; reports when not.
  func checkedDataKey(_ entry: YAMLEntry, _ field: String) -> Bool {
    if KubernetesName.isDataKey(entry.key) { return true }
    report.error(
      entry.keyLine,
      "\(quoted(field)) has the key \(quoted(entry.key)), which no Secret could have; use at most 253 letters, digits, "
        + "`-`, `.` and `_`")
    return false
  }
}
