import Kubernetes
import Resources
import SecretStores

extension ListSelector {
  private static let maximumBytes = 63

  /// The objects that have every tag of `filter` as a label; nil when one of them can be no label, and might mean another
  /// requirement.
  init?(_ filter: TagFilter) {
    guard filter.tags.allSatisfy({ Self.isKey($0.key) && Self.isValue($0.value) }) else { return nil }
    self.init(labels: filter.tags.map { "\($0.key)=\($0.value)" }.joined(separator: ","))
  }

  /// A name, before which there may be a DNS subdomain and a slash.
  private static func isKey(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let name = parts.last, parts.count <= 2, !name.isEmpty, isValue(name) else { return false }
    return parts.count == 1 || KubernetesName.isSubdomain(parts[0])
  }

  private static func isValue(_ text: String) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return true }
    return text.utf8.count <= maximumBytes && KubernetesName.isAlphanumeric(first)
      && KubernetesName.isAlphanumeric(last)
      && text.utf8.allSatisfy { KubernetesName.isAlphanumeric($0) || "-_.".utf8.contains($0) }
  }
}
