import Glibc
import YAML

extension CredentialSource {
  private static let fields = ["name", "key", "namespace", "file", "env"]

  /// The source in `field`, nil when it is absent or was reported. `defaultKey` is the entry of the Secret where none is
  /// named.
  static func read(
    _ field: String, of reader: MappingReader, _ context: inout SecretContext, defaultKey: String? = nil
  ) -> CredentialSource? {
    guard let entry = reader.optional(field), let mapping = reader.mapping(entry, fields: fields) else { return nil }
    let others = ["file", "env"].compactMap(mapping.optional)
    guard let other = others.first else { return selector(mapping, &context, defaultKey: defaultKey) }
    // Whoever may write in the generator's namespace could send the server's own credentials wherever they like.
    guard context.ownNamespace == nil else {
      mapping.report.error(
        other.keyLine, "\(mapping.name(other.key)) is for stores; a generator has its credentials from Secrets")
      return nil
    }
    guard mapping.entries.count == 1 else {
      mapping.report.error(
        other.keyLine,
        "\(mapping.name(other.key)) stands alone; remove the other fields of \(reader.name(field)), or this one")
      return nil
    }
    let advice = "name a \(other.key == "file" ? "file" : "variable of the environment")"
    guard let text = mapping.string(other.value, mapping.name(other.key), emptyAdvice: advice) else { return nil }
    return other.key == "file" ? file(text, mapping) : environment(text, mapping)
  }

  /// As ``read(_:of:_:defaultKey:)`` for a field that has to be there.
  static func required(
    _ field: String, of reader: MappingReader, _ context: inout SecretContext, defaultKey: String? = nil
  ) -> CredentialSource? {
    let advice = "name an entry of a Secret, for example `{name: example, key: token}`, or a `{file: PATH}`"
    guard reader.required(field, advice) != nil else { return nil }
    return read(field, of: reader, &context, defaultKey: defaultKey)
  }

  private static func selector(
    _ mapping: MappingReader, _ context: inout SecretContext, defaultKey: String?
  ) -> CredentialSource? {
    guard mapping.optional("key") == nil, let defaultKey else { return context.selector(mapping).map(Self.secret) }
    guard let namespace = context.namespace(in: mapping), let secret = context.secretName(mapping) else { return nil }
    context.note(secret, in: namespace, entry: defaultKey, mapping.report)
    return .secret(SecretKeySelector(namespace: namespace, name: secret.value, key: defaultKey))
  }

  private static func file(_ text: Located<String>, _ mapping: MappingReader) -> CredentialSource? {
    guard text.value.hasPrefix("/"), text.value.utf8.count <= 4_096, !text.value.utf8.contains(0) else {
      mapping.report.error(text.line, "\(mapping.name("file")) must be a path that begins with `/`")
      return nil
    }
    var status = stat()
    if stat(text.value, &status) != 0 {
      if errno == ENOENT || errno == ENOTDIR {
        mapping.report.warning(
          text.line, "\(mapping.name("file")) names no file of this machine; until it does, this store cannot be used")
      }
    } else if status.st_mode & S_IROTH != 0 {
      mapping.report.warning(
        text.line,
        "\(mapping.name("file")) is a file that everybody on this machine may read; take that away with `chmod o-r`")
    }
    return .file(text.value)
  }

  private static func environment(_ text: Located<String>, _ mapping: MappingReader) -> CredentialSource? {
    guard text.value.utf8.allSatisfy({ KubernetesName.isAlphanumeric($0) || $0 == UInt8(ascii: "_") }) else {
      mapping.report.error(text.line, "\(mapping.name("env")) must be letters, digits and `_`")
      return nil
    }
    if getenv(text.value) == nil {
      mapping.report.warning(
        text.line,
        "\(mapping.name("env")) names no variable of this environment; in one without it, this store cannot be used")
    }
    return .environment(text.value)
  }
}
