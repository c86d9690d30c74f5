import YAML

extension MFASpec {
  static let fields = ["secret", "length", "timePeriod", "algorithm", "when"]

  /// Reads `spec`; nil when something in it was reported.
  init?(_ spec: MappingReader, _ context: inout SecretContext) {
    let secret = context.selector("secret", of: spec)
    let length = spec.integer("length", in: 6...9, default: 6)
    let period = spec.integer("timePeriod", in: 1...86_400, default: 30)
    let algorithm: Algorithm? = spec.choice("algorithm", default: .sha1) { $0.lowercased() }
    var pinned: Int64?
    if let entry = spec.optional("when") {
      let advice = "write a time such as `2026-01-31T12:00:00Z`, or remove it"
      guard let text = spec.string(entry.value, spec.name("when"), emptyAdvice: advice) else { return nil }
      pinned = RFC3339.seconds(text.value)
      if pinned == nil {
        spec.report.error(text.line, "`spec.when` \(quoted(text.value)) is no time from 1970 on; \(advice)")
        return nil
      }
    }
    guard let secret, let length, let period, let algorithm else { return nil }
    self.init(secret: secret, length: length, timePeriod: period, algorithm: algorithm, pinnedSeconds: pinned)
  }
}
