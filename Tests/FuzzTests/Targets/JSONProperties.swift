import FederationAPI
import JSON

@testable import SecretStores

extension FuzzTarget {
  /// A property's name in the first line, then JSON: both readers of JSON find the same value.
  static let jsonProperty = FuzzTarget("json-property") { bytes in
    let lines = bytes.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
    guard lines.count == 2, let property = String(validating: lines[0], as: UTF8.self) else { return }
    let text = Array(lines[1])
    let found = try? JSONProperty.value(of: property, in: text.span.bytes)
    try hold(found.map { $0.count <= text.count } ?? true, "a property is no longer than what it stands in")
    guard let value = try? JSONValue.parse(text), property.utf8.count <= Limits.secretName else { return }
    guard case .string(let expected)? = value[property] else { return }
    try hold(found?.copied == Array(expected.utf8), "both readers find the same property")
  }
}
