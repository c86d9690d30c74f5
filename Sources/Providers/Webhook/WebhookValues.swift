import FederationAPI
import FoundationEssentials
import HTTPClient
import JSON
import Resources

/// Puts the values of Secrets, and what a caller asks a store for, into the templates of one webhook.
package struct WebhookValues: Sendable {
  private let sources: [String: WebhookSpec.TemplateSecret]
  private let secret: @Sendable (SecretKeySelector) -> SecretBytes?
  /// The members of ``WebhookTemplate/Reference/remote``, in a store.
  private let remote: [String: String]

  /// `secret` finds the values of `sources`.
  package init(
    _ sources: [WebhookSpec.TemplateSecret], remote: [String: String] = [:],
    secret: @escaping @Sendable (SecretKeySelector) -> SecretBytes?
  ) {
    self.sources = Dictionary(sources.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.remote = remote
    self.secret = secret
  }

  /// The request that `spec` comes to, less its trust.
  package func request(_ spec: WebhookSpec) throws(WebhookFault) -> HTTPRequest {
    let url = try url(spec.url)
    var headers: [(name: String, value: String)] = []
    for header in spec.headers { headers.append((header.name, try self.header(header.value))) }
    var body: [UInt8]?
    if let template = spec.body { body = try self.body(template) }
    return HTTPRequest(
      method: spec.method, url: url.text, headers: headers, body: body, timeoutSeconds: spec.timeoutSeconds,
      allowsPlaintext: url.isPlaintext)
  }

  /// The URL that `template` comes to. Values are percent-encoded unless they were by `urlquery`, or the whole URL is
  /// one value.
  func url(_ template: WebhookTemplate) throws(WebhookFault) -> WebhookURL {
    var bytes: [UInt8] = []
    for part in template.parts {
      switch part {
      case .text(let text): bytes += text.utf8
      case .reference(let reference):
        let value = try value(reference)
        // A server that decodes before it looks for them would answer from another path.
        if reference.isRemote, DotSegments.stand(in: value) { throw .dotSegment }
        let isFinished = template.isSingleReference || reference.filters.last == .urlquery
        bytes += isFinished ? value : PercentEncoding.encode(value, keeping: PercentEncoding.isUnreserved)
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self), let url = WebhookURL(text) else {
      throw .unusable(
        "the webhook's URL, with the values of its Secrets, is no https URL; ask the server's operator to mend it")
    }
    return url
  }

  /// The header's value that `template` comes to.
  func header(_ template: WebhookTemplate) throws(WebhookFault) -> String {
    let bytes = try body(template)
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }),
      let text = String(validating: bytes, as: UTF8.self)
    else {
      throw .unusable(
        "a value of a Secret cannot stand in the webhook's header, often for a line break at its end; "
          + "ask the server's operator to remove it")
    }
    return text
  }

  /// The bytes that `template` comes to.
  func body(_ template: WebhookTemplate) throws(WebhookFault) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in template.parts {
      switch part {
      case .text(let text): bytes += text.utf8
      case .reference(let reference):
        let value = try value(reference)
        // Callers choose it, and must not write the operator's request: what no filter has made harmless has to be so.
        if reference.isRemote, reference.filters.isEmpty, !value.allSatisfy(Self.isHarmless) { throw .unfitKey }
        bytes += value
      }
    }
    return bytes
  }

  private static func isHarmless(_ byte: UInt8) -> Bool {
    PercentEncoding.isUnreserved(byte) || "/:@".utf8.contains(byte)
  }

  private func value(_ reference: WebhookTemplate.Reference) throws(WebhookFault) -> [UInt8] {
    var bytes: [UInt8]
    if reference.isRemote {
      bytes = Array((remote[reference.key] ?? "").utf8)
    } else {
      guard let source = sources[reference.secret], source.key == nil || source.key == reference.key else {
        throw .unusable("the webhook's template refers to a Secret that it does not list")
      }
      let selector = SecretKeySelector(namespace: source.namespace, name: source.secret, key: reference.key)
      guard let value = secret(selector) else { throw .missingSecret }
      bytes = value.copied
    }
    for filter in reference.filters {
      switch filter {
      case .urlquery: bytes = PercentEncoding.encode(bytes, keeping: PercentEncoding.isUnreserved)
      case .b64enc: bytes = Array(Data(bytes).base64EncodedString().utf8)
      case .toJson:
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw .unusable("a value that the webhook's template writes as JSON is no text; use `b64enc` for it")
        }
        bytes = JSONValue.string(text).encoded()
      }
    }
    return bytes
  }
}
