import FederationAPI

/// What the injection flags ask for: which secrets to fetch, which generators to call, and where each value goes.
///
/// A plan is checked in full when it is made, so that nothing is fetched for a command line that cannot work. What
/// a generator gives is known only after it was called: ``Injection`` checks the rest.
public struct InjectionPlan: Equatable, Sendable {
  /// What one file holds.
  public enum FileContent: Equatable, Sendable {
    /// One value, byte for byte, with no newline added.
    case value(InjectedValue)
    /// A mapping of key to value, with all that the generators give: JSON when the path ends in `.json`, else YAML.
    case mapping([String: InjectedValue], generators: [GeneratorReference] = [])
  }

  /// The variables to set, by name.
  public private(set) var environment: [String: InjectedValue] = [:]
  /// The variables whose names the command line writes out. The name rule sets none of them.
  public private(set) var writtenVariables: Set<String> = []
  /// The generators whose outputs all become variables by the name rule.
  public private(set) var generatorsInEnvironment: [GeneratorReference] = []
  /// The files to write, by absolute path.
  public private(set) var files: [String: FileContent] = [:]
  /// Every generator to call once, in the order in which the flags name them.
  public let generators: [GeneratorReference]
  /// Every value that the flags name, once and in their order.
  private var named: [InjectedValue] = []

  /// Every secret to fetch, in the order in which the flags name them.
  public var secrets: [SecretName] {
    named.compactMap { if case .secret(let name) = $0 { name } else { nil } }
  }

  /// Makes the plan of these flag values.
  ///
  /// - Parameters:
  ///   - environment: values of `--inject-on-env`, each a comma-separated list.
  ///   - files: values of `--inject-on-file`, each a comma-separated list.
  ///   - externalSecrets: values of `--external-secrets`. With `federatedStore` each item is a key of that
  ///     store; without it an item is `store.key`. All go to the environment by the name rule.
  ///   - federatedStore: value of `--federated-store`, or empty. An item that names its store overrides it.
  ///   - generators: what `--federated-generators` names; see ``GeneratorList``. Without `environment` and `files`
  ///     all their outputs become variables.
  ///   - setsVariables: whether there is an environment. Without it `externalSecrets` only name what whole files hold,
  ///     and a secret that no file holds is an error.
  public init(
    environment: [String] = [], files: [String] = [], externalSecrets: [String] = [], federatedStore: String = "",
    generators: [GeneratorReference] = [], setsVariables: Bool = true
  ) throws(InjectionError) {
    self.generators = generators
    let wholeSecrets = try Self.externalSecrets(externalSecrets, store: federatedStore)
    let names = SourceNames(generators: generators, stores: Set(wholeSecrets.map(\.store) + [federatedStore]))
    let variables = try Self.items(environment, "inject-on-env", names, read: InjectionItem.environment)
    let targets = try Self.items(files, "inject-on-file", names, read: InjectionItem.file)
    for secret in wholeSecrets { note(.secret(secret)) }
    for item in variables + targets { if case .value(let value) = item.source { note(value) } }

    let everything = variables.contains { $0.source == .everything }
    if everything || variables.isEmpty && targets.isEmpty { generatorsInEnvironment = generators }
    try addNamedVariables(variables)
    if setsVariables { try addByNameRule(everything ? named : wholeSecrets.map { .secret($0) }) }
    if everything && named.isEmpty && generators.isEmpty { throw Self.nothingNamed("--inject-on-env=*", in: nil) }
    for item in targets { try addFile(item) }
    try checkUse()
    if !setsVariables { try checkFiles() }
  }

  private mutating func note(_ value: InjectedValue) {
    if !named.contains(value) { named.append(value) }
  }

  private static func externalSecrets(_ values: [String], store: String) throws(InjectionError) -> [SecretName] {
    var names: [SecretName] = []
    for value in values {
      for item in try InjectionItem.list(value, flag: "external-secrets") {
        if !store.isEmpty {
          names.append(SecretName(store: store, key: item))
        } else if let name = SecretName(parsing: item) {
          names.append(name)
        } else {
          throw InjectionError(
            "--external-secrets \"\(item)\" names no store: give --federated-store, or write secretName.key")
        }
      }
    }
    return names
  }

  private static func items(
    _ values: [String], _ flag: String, _ names: SourceNames,
    read: (String, SourceNames) throws(InjectionError) -> InjectionItem
  ) throws(InjectionError) -> [InjectionItem] {
    var items: [InjectionItem] = []
    for value in values {
      for item in try InjectionItem.list(value, flag: flag) { items.append(try read(item, names)) }
    }
    return items
  }

  private mutating func addNamedVariables(_ items: [InjectionItem]) throws(InjectionError) {
    for item in items {
      guard let variable = item.target, case .value(let value) = item.source else { continue }
      if let other = environment[variable], other != value {
        throw InjectionError("--inject-on-env sets \(variable) twice, to \(other) and to \(value)")
      }
      environment[variable] = value
      writtenVariables.insert(variable)
    }
  }

  /// Comes after the variables that are written out, which win.
  private mutating func addByNameRule(_ values: [InjectedValue]) throws(InjectionError) {
    for value in values {
      let variable = EnvironmentVariableName.derived(from: value.key)
      if writtenVariables.contains(variable) { continue }
      if let other = environment[variable], other != value { throw .sameVariable(variable, other, value) }
      environment[variable] = value
    }
  }

  private mutating func addFile(_ item: InjectionItem) throws(InjectionError) {
    guard let path = item.target else { return }
    guard files[path] == nil else { throw InjectionError("--inject-on-file names \(path) twice") }
    switch item.source {
    case .value(let value):
      files[path] = .value(value)
    case .wholeGenerator(let generator):
      files[path] = .mapping([:], generators: [generator])
    case .wholeStore(let store):
      let values = secrets.filter { $0.store == store }.map(InjectedValue.secret)
      guard !values.isEmpty else { throw Self.nothingNamed("--inject-on-file \(path)=\(store)", in: store) }
      files[path] = .mapping(try mapping(values, path: path))
    case .everything:
      guard !named.isEmpty || !generators.isEmpty else {
        throw Self.nothingNamed("--inject-on-file \(path)=*", in: nil)
      }
      files[path] = .mapping(try mapping(named, path: path), generators: generators)
    }
  }

  private func mapping(_ values: [InjectedValue], path: String) throws(InjectionError) -> [String: InjectedValue] {
    var mapping: [String: InjectedValue] = [:]
    for value in values {
      if let other = mapping[value.key] { throw .sameKey(path, other, value) }
      mapping[value.key] = value
    }
    return mapping
  }

  /// A credential that goes nowhere would be issued for nothing.
  private func checkUse() throws(InjectionError) {
    var used = Set(generatorsInEnvironment)
    for value in named { if case .output(let generator, _) = value { used.insert(generator) } }
    for content in files.values { if case .mapping(_, let whole) = content { used.formUnion(whole) } }
    guard let unused = generators.first(where: { !used.contains($0) }) else { return }
    throw InjectionError(
      "--federated-generators names \(unused), but no injection flag uses it: write --inject-on-env NAME=\(unused).KEY, "
        + "--inject-on-file /path=\(unused) or --inject-on-env=*, or leave the generator out")
  }

  /// Without an environment, a secret that no file holds would be fetched for nothing.
  private func checkFiles() throws(InjectionError) {
    var held: Set<InjectedValue> = []
    for content in files.values {
      switch content {
      case .value(let value): held.insert(value)
      case .mapping(let members, _): held.formUnion(members.values)
      }
    }
    guard let unused = named.first(where: { !held.contains($0) }) else { return }
    throw InjectionError(
      "\(unused) goes into no file: write --inject-on-file /path=\(unused), or leave it out of --external-secrets")
  }

  private static func nothingNamed(_ flag: String, in store: String?) -> InjectionError {
    let what = store.map { "no key of the store \"\($0)\"" } ?? "no secret"
    return InjectionError(
      "\(flag) asks for whole secrets, but a federation server lists no keys and the command line names \(what): "
        + "name the keys with --external-secrets, or write \(store ?? "secretName").key; "
        + "a generator has to stand in --federated-generators")
  }
}
