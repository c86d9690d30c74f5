/// What a request asks of the API, in the words of RBAC.
struct Operation: Sendable {
  /// The verb of RBAC: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`.
  var verb: String
  var type: ResourceType
  var namespace: String?
  var name: String?
  var subresource: String?

  /// As an RBAC rule's `resources` has it.
  var resource: String { subresource.map { "\(type.plural)/\($0)" } ?? type.plural }

  /// `list secrets in namespace apps`, `get secrets apps/db`.
  var title: String {
    var title = "\(verb) \(subresource.map { "\(type.title)/\($0)" } ?? type.title)"
    if let name {
      title += " " + (type.isNamespaced ? namespace.map { "\($0)/\(name)" } ?? name : name)
    } else if type.isNamespaced {
      title += namespace.map { " in namespace \($0)" } ?? " in all namespaces"
    }
    return title
  }

  var path: String { type.path(namespace: namespace, name: name, subresource: subresource) }
}
