import YAML

/// `provider.webhook` of a store.
public struct WebhookStoreSpec: Sendable, Hashable {
  /// What is asked of which server, and what counts of its answer.
  public var webhook: WebhookSpec

  /// Makes a spec.
  public init(webhook: WebhookSpec) { self.webhook = webhook }

  /// Reads `spec.provider.webhook`; nil when something was reported.
  init?(_ entry: YAMLEntry, _ report: ManifestReport, _ context: inout SecretContext) {
    guard
      let reader = MappingReader(
        entry.value, path: .text("spec.provider.webhook"), line: entry.keyLine, fields: WebhookSpec.fields + ["auth"],
        report: report)
    else { return nil }
    reader.refuse("auth", "is not served; write the credentials into `headers`, from `secrets`")
    guard reader.optional("auth") == nil, let webhook = WebhookSpec(reader, &context) else { return nil }
    self.webhook = webhook
  }
}
