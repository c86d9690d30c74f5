import FederationAPI

/// One item of `--inject-on-env` or `--inject-on-file`, before it is known which values there are.
struct InjectionItem: Equatable {
  /// What goes to the target.
  enum Source: Equatable {
    /// `secretName.key`: one value.
    case value(InjectedValue)
    /// `generator`: everything that it gives.
    case wholeGenerator(GeneratorReference)
    /// `store`: every key of the store that the command line names.
    case wholeStore(String)
    /// `*`: every key that the command line names.
    case everything
  }

  /// The variable's name or the file's path; nil for a bare `*`.
  var target: String?
  var source: Source

  /// Reads a comma-separated list. Spaces around items are dropped; an empty list has no items.
  static func list(_ text: String, flag: String) throws(InjectionError) -> [String] {
    if text.allSatisfy({ $0 == " " }) { return [] }
    var items: [String] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let item = trimmed(part)
      guard !item.isEmpty else {
        throw InjectionError("--\(flag) has an empty item in its comma-separated list; remove the extra comma")
      }
      items.append(String(item))
    }
    return items
  }

  /// Reads `ENV=secretName.key` or `*`.
  static func environment(_ text: String, _ names: SourceNames) throws(InjectionError) -> InjectionItem {
    if text == "*" { return InjectionItem(target: nil, source: .everything) }
    guard let (name, source) = split(text) else {
      throw InjectionError("--inject-on-env item \"\(text)\" is not ENV=secretName.key, and not *")
    }
    guard let value = try names.value(source) else {
      throw InjectionError(
        "--inject-on-env item \"\(text)\" names no key: write \(name)=secretName.key, with the store or the generator as "
          + "secretName")
    }
    return InjectionItem(target: name, source: .value(value))
  }

  /// Reads `/path=secretName.key`, `/path=secretName` or `/path=*`.
  static func file(_ text: String, _ names: SourceNames) throws(InjectionError) -> InjectionItem {
    guard let (path, source) = split(text) else {
      throw InjectionError("--inject-on-file item \"\(text)\" is not /path=secretName.key or /path=secretName")
    }
    guard path.hasPrefix("/"), !path.hasSuffix("/") else {
      throw InjectionError("--inject-on-file path \"\(path)\" is not an absolute path of a file")
    }
    if source == "*" { return InjectionItem(target: path, source: .everything) }
    if let generator = try names.generator(source) {
      return InjectionItem(target: path, source: .wholeGenerator(generator))
    }
    if let value = try names.value(source) { return InjectionItem(target: path, source: .value(value)) }
    guard !source.contains(".") else {
      throw InjectionError("--inject-on-file item \"\(text)\" lacks a name before or after the dot of secretName.key")
    }
    try names.checkStore(source)
    return InjectionItem(target: path, source: .wholeStore(source))
  }

  private static func split(_ text: String) -> (target: String, source: String)? {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let target = trimmed(text[..<equals])
    let source = trimmed(text[text.index(after: equals)...])
    return target.isEmpty || source.isEmpty ? nil : (String(target), String(source))
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let front = text.drop { $0 == " " }
    guard let last = front.lastIndex(where: { $0 != " " }) else { return "" }
    return front[...last]
  }
}
