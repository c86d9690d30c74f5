import FederationAPI
import JSON
import Kubernetes
import SecretStores

/// The entries of a Secret as the API gave it.
struct SecretEntries {
  private let values: [JSONName: SecretBytes]

  init(_ secret: KubernetesObject) throws(BackendError) {
    var values: [JSONName: SecretBytes] = [:]
    for (name, encoded) in secret["data"]?.object ?? [:] {
      guard let text = encoded.string, var bytes = Base64.decode(text.utf8) else {
        throw .dataLoss(reason: "an entry of the Secret is not base64")
      }
      values[name] = SecretBytes(wiping: &bytes)
    }
    self.values = values
  }

  /// All of them as one JSON object; what is no text has U+FFFD in the place of what cannot be read, as in External
  /// Secrets.
  var json: SecretBytes {
    var object = JSONValue.object(values.mapValues { .string(String(decoding: $0.copied, as: UTF8.self)) }).encoded()
    return SecretBytes(wiping: &object)
  }

  /// The entry `property`, or what the rest of it behind a dot leads to in an entry that is JSON. Entries may have dots in
  /// their names, too: the shortest that has something there counts.
  func value(_ property: String) throws(BackendError) -> SecretBytes {
    if let whole = values[JSONName(property)] { return whole }
    for dot in property.indices where property[dot] == "." {
      guard let entry = values[JSONName(String(property[..<dot]))] else { continue }
      let path = String(property[property.index(after: dot)...])
      let reference = SecretReference(store: "", key: "", property: path)
      if !path.isEmpty, case .success(let value) = entry.property(of: reference) { return value }
    }
    throw .notFound
  }
}
