import FederationAPI
import JSON
import Resources

/// Puts the values of Secrets into the templates of one webhook.
struct TemplateValues: Sendable {
  let secrets: GeneratorSecrets
  private let sources: [String: WebhookSpec.TemplateSecret]

  init(_ sources: [WebhookSpec.TemplateSecret], secrets: GeneratorSecrets) {
    self.secrets = secrets
    self.sources = Dictionary(sources.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The URL that `template` comes to. Values are percent-encoded unless they were by `urlquery`, or the whole URL is
  /// one value.
  func url(_ template: WebhookTemplate) throws(RPCError) -> WebhookURL {
    var bytes: [UInt8] = []
    for part in template.parts {
      switch part {
      case .text(let text): bytes += text.utf8
      case .reference(let reference):
        let value = try value(reference)
        let isFinished = template.isSingleReference || reference.filters.last == .urlquery
        bytes += isFinished ? value : PercentEncoding.encode(value, keeping: PercentEncoding.isUnreserved)
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self), let url = WebhookURL(text) else {
      throw RPCError(
        .failedPrecondition,
        "the webhook's URL, with the values of its Secrets, is no https URL; ask the server's operator to mend it")
    }
    return url
  }

  /// The header's value that `template` comes to.
  func header(_ template: WebhookTemplate) throws(RPCError) -> String {
    let bytes = try body(template)
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }),
      let text = String(validating: bytes, as: UTF8.self)
    else {
      throw RPCError(
        .failedPrecondition,
        "a value of a Secret cannot stand in the webhook's header, often for a line break at its end; "
          + "ask the server's operator to remove it")
    }
    return text
  }

  /// The bytes that `template` comes to.
  func body(_ template: WebhookTemplate) throws(RPCError) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in template.parts {
      switch part {
      case .text(let text): bytes += text.utf8
      case .reference(let reference): bytes += try value(reference)
      }
    }
    return bytes
  }

  private func value(_ reference: WebhookTemplate.Reference) throws(RPCError) -> [UInt8] {
    guard let source = sources[reference.secret], source.key == nil || source.key == reference.key else {
      throw RPCError(.failedPrecondition, "the webhook's template refers to a Secret that it does not list")
    }
    let selector = SecretKeySelector(namespace: source.namespace, name: source.secret, key: reference.key)
    var bytes = try secrets.value(selector).copied
    for filter in reference.filters {
      switch filter {
      case .urlquery: bytes = PercentEncoding.encode(bytes, keeping: PercentEncoding.isUnreserved)
      case .b64enc: bytes = TextEncoding.base64.encode(bytes)
      case .toJson:
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw RPCError(
            .failedPrecondition, "a value that the webhook's template writes as JSON is no text; use `b64enc` for it")
        }
        bytes = JSONValue.string(text).encoded()
      }
    }
    return bytes
  }
}
