import FederationAPI

/// Finds what `secretName` stands for in an injection flag: a generator of the command line, or else a store.
struct SourceNames {
  private struct Name {
    var text: String
    /// More than one when the name alone does not tell them apart.
    var generators: [GeneratorReference]
  }

  /// Longest first, since a generator's name may hold dots and be the beginning of another's.
  private let names: [Name]
  private let generators: [GeneratorReference]

  /// `stores` keep their names: a generator that is called like one of them goes by its full name only.
  init(generators: [GeneratorReference], stores: Set<String>) {
    var byName: [String: [GeneratorReference]] = [:]
    for generator in generators where !stores.contains(generator.name) {
      byName[generator.name, default: []].append(generator)
    }
    for generator in generators { byName[generator.description] = [generator] }
    names = byName.map { Name(text: $0.key, generators: $0.value) }.sorted {
      $0.text.utf8.count > $1.text.utf8.count
    }
    self.generators = generators
  }

  /// Reads `secretName.key`; nil when there is no key, or an empty name.
  func value(_ source: String) throws(InjectionError) -> InjectedValue? {
    for name in names where source.utf8.starts(with: "\(name.text).".utf8) {
      let key = String(Substring(source.utf8.dropFirst(name.text.utf8.count + 1)))
      return key.isEmpty ? nil : .output(try only(name), key: key)
    }
    // Without this a generator named `db.prod` would be read as the key `prod` of a store `db`.
    if names.contains(where: { $0.text == source }) { return nil }
    guard let secret = SecretName(parsing: source) else { return nil }
    try checkStore(secret.store)
    return .secret(secret)
  }

  /// The generator that `source` names as a whole.
  func generator(_ source: String) throws(InjectionError) -> GeneratorReference? {
    guard let name = names.first(where: { $0.text == source }) else { return nil }
    return try only(name)
  }

  /// No store's name has a slash, so one that seems to is a generator that was forgotten or misspelt.
  func checkStore(_ store: String) throws(InjectionError) {
    guard store.contains("/") else { return }
    let known = generators.map(\.description).joined(separator: ", ")
    throw InjectionError(
      "\"\(store)\" is no generator of --federated-generators"
        + (known.isEmpty ? ", which is not given" : ": write a generator's name or one of \(known)"))
  }

  private func only(_ name: Name) throws(InjectionError) -> GeneratorReference {
    guard name.generators.count == 1 else {
      throw InjectionError(
        "\"\(name.text)\" is the name of several generators: write "
          + name.generators.map(\.description).joined(separator: " or "))
    }
    return name.generators[0]
  }
}
