import YAML

/// What verifies a server instead of the system's roots.
public enum TLSTrust: Sendable, Hashable {
  /// `caBundle`: PEM.
  case bundle([UInt8])
  /// `caProvider`: the Secret or ConfigMap where the PEM is.
  case secret(SecretKeySelector)
}

extension TLSTrust {
  /// The trust that `caBundle` or `caProvider` of `spec` gives, which may be absent; nil when something was reported.
  static func read(_ spec: MappingReader, _ context: inout SecretContext) -> (value: Self?, Void)? {
    let bundle = spec.optional("caBundle")
    let provider = spec.optional("caProvider")
    if let bundle, provider != nil {
      spec.report.error(
        bundle.keyLine,
        "\(spec.name("caBundle")) and \(spec.name("caProvider")) exclude each other; remove one of them")
      return nil
    }
    if let bundle {
      guard
        let text = spec.string(
          bundle.value, spec.name("caBundle"), emptyAdvice: "remove it, or give the server's CA"),
        let pem = spec.checked(text, spec.name("caBundle"), by: { CABundle.decode($0) })
      else { return nil }
      return (.bundle(pem), ())
    }
    guard let provider else { return (nil, ()) }
    guard let reader = spec.mapping(provider, fields: ["type", "name", "key", "namespace"]) else { return nil }
    guard let type = reader.string("type", "write `type: Secret` or `type: ConfigMap`") else { return nil }
    guard ["Secret", "ConfigMap"].contains(type.value) else {
      spec.report.error(
        type.line, "\(reader.name("type")) \(quoted(type.value)) is none; write `Secret` or `ConfigMap`")
      return nil
    }
    return context.selector(reader, isConfigMap: type.value == "ConfigMap").map { (.secret($0), ()) }
  }
}
