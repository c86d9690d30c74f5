import FederationAPI
import Resources
import Templates

extension SecretContent {
  /// Annotations that say something about the ExternalSecret itself, and are not for its Secret.
  private static let ownAnnotations = ["kubectl.kubernetes.io/last-applied-configuration"]

  /// The Secret of `resource` with `values`. Without a template labels and annotations are the ExternalSecret's own, as
  /// ESO has it.
  ///
  /// Throws FAILED_PRECONDITION where a template cannot be applied, with the place and without a value.
  init(_ resource: ExternalSecretResource, values: [String: SecretBytes]) throws(RPCError) {
    guard let template = resource.target.template else {
      let annotations = resource.annotations.filter { !Self.ownAnnotations.contains($0.key) }
      self.init(type: nil, labels: resource.labels, annotations: annotations, data: values)
      return
    }
    // A template that says nothing of data leaves it as it is.
    var data = template.mergesData || template.data.isEmpty ? values : [:]
    for (key, text) in template.data {
      data[key] = try Self.applied(text, "data", key, values)
    }
    self.init(
      type: template.type, labels: try Self.texts(template.labels, "metadata.labels", values),
      annotations: try Self.texts(template.annotations, "metadata.annotations", values), data: data)
  }

  private static func texts(
    _ templates: [String: String], _ field: String, _ values: [String: SecretBytes]
  ) throws(RPCError) -> [String: String] {
    var texts: [String: String] = [:]
    for (key, text) in templates {
      guard let applied = try applied(text, field, key, values).text else {
        throw RPCError(.failedPrecondition, "target.template.\(field).\(key): the result is not UTF-8")
      }
      texts[key] = applied
    }
    return texts
  }

  private static func applied(
    _ text: String, _ field: String, _ key: String, _ values: [String: SecretBytes]
  ) throws(RPCError) -> SecretBytes {
    do throws(TemplateError) {
      return try Template(text).applied(to: values)
    } catch {
      throw RPCError(.failedPrecondition, "target.template.\(field).\(key): \(error)")
    }
  }
}

extension SecretTemplate {
  /// Throws INVALID_ARGUMENT for the first template that is wrong in itself.
  func check() throws(RPCError) {
    for (field, templates) in [("data", data), ("metadata.labels", labels), ("metadata.annotations", annotations)] {
      for (key, text) in templates.sorted(by: { $0.key < $1.key }) {
        do throws(TemplateError) { _ = try Template(text) } catch {
          throw RPCError(.invalidArgument, "target.template.\(field).\(key): \(error)")
        }
      }
    }
  }
}
