/// What the injection flags ask for: which secrets to fetch, and where each goes.
///
/// A plan is checked in full when it is made, so that nothing is fetched for a command line that cannot work.
public struct InjectionPlan: Equatable, Sendable {
  /// What one file holds.
  public enum FileContent: Equatable, Sendable {
    /// One value, byte for byte, with no newline added.
    case value(SecretName)
    /// A mapping of key to value: JSON when the path ends in `.json`, else YAML.
    case mapping([String: SecretName])
  }

  /// The variables to set, by name.
  public private(set) var environment: [String: SecretName] = [:]
  /// The files to write, by absolute path.
  public private(set) var files: [String: FileContent] = [:]
  /// Every secret of the plan once, in the order in which the flags name them.
  public private(set) var secrets: [SecretName] = []

  /// Makes the plan of these flag values.
  ///
  /// - Parameters:
  ///   - environment: values of `--inject-on-env`, each a comma-separated list.
  ///   - files: values of `--inject-on-file`, each a comma-separated list.
  ///   - externalSecrets: values of `--external-secrets`. With `federatedStore` each item is a key of that
  ///     store; without it an item is `store.key`. All go to the environment by the name rule.
  ///   - federatedStore: value of `--federated-store`, or empty. An item that names its store overrides it.
  public init(
    environment: [String] = [], files: [String] = [], externalSecrets: [String] = [], federatedStore: String = ""
  ) throws(InjectionError) {
    let wholeSecrets = try Self.externalSecrets(externalSecrets, store: federatedStore)
    let variables = try Self.items(environment, flag: "inject-on-env", read: InjectionItem.environment)
    let targets = try Self.items(files, flag: "inject-on-file", read: InjectionItem.file)
    for secret in wholeSecrets { note(secret) }
    for item in variables + targets { if case .secret(let secret) = item.source { note(secret) } }

    let everything = variables.contains { $0.source == .everything }
    try addByNameRule(everything ? secrets : wholeSecrets)
    try addNamedVariables(variables)
    if everything && secrets.isEmpty { throw Self.nothingNamed("--inject-on-env=*", in: nil) }
    for item in targets { try addFile(item) }
  }

  private mutating func note(_ secret: SecretName) {
    if !secrets.contains(secret) { secrets.append(secret) }
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
    _ values: [String], flag: String, read: (String) throws(InjectionError) -> InjectionItem
  ) throws(InjectionError) -> [InjectionItem] {
    var items: [InjectionItem] = []
    for value in values { for item in try InjectionItem.list(value, flag: flag) { items.append(try read(item)) } }
    return items
  }

  private mutating func addByNameRule(_ names: [SecretName]) throws(InjectionError) {
    for secret in names {
      let variable = EnvironmentVariableName.derived(from: secret.key)
      if let other = environment[variable], other != secret {
        throw InjectionError(
          "\(other) and \(secret) would both set \(variable): inject one with --inject-on-env NAME=secretName.key")
      }
      environment[variable] = secret
    }
  }

  /// Comes after the name rule, because a name that is written out wins.
  private mutating func addNamedVariables(_ items: [InjectionItem]) throws(InjectionError) {
    var written: [String: SecretName] = [:]
    for item in items {
      guard let variable = item.target, case .secret(let secret) = item.source else { continue }
      if let other = written[variable], other != secret {
        throw InjectionError("--inject-on-env sets \(variable) twice, to \(other) and to \(secret)")
      }
      written[variable] = secret
    }
    environment.merge(written) { _, named in named }
  }

  private mutating func addFile(_ item: InjectionItem) throws(InjectionError) {
    guard let path = item.target else { return }
    guard files[path] == nil else { throw InjectionError("--inject-on-file names \(path) twice") }
    switch item.source {
    case .secret(let secret):
      files[path] = .value(secret)
    case .wholeStore(let store):
      files[path] = .mapping(try mapping(secrets.filter { $0.store == store }, path: path, store: store))
    case .everything:
      files[path] = .mapping(try mapping(secrets, path: path, store: nil))
    }
  }

  private func mapping(
    _ names: [SecretName], path: String, store: String?
  ) throws(InjectionError) -> [String: SecretName] {
    guard !names.isEmpty else { throw Self.nothingNamed("--inject-on-file \(path)=\(store ?? "*")", in: store) }
    var mapping: [String: SecretName] = [:]
    for name in names {
      if let other = mapping[name.key] {
        throw InjectionError("\(path) cannot hold both \(other) and \(name): their keys are equal")
      }
      mapping[name.key] = name
    }
    return mapping
  }

  private static func nothingNamed(_ flag: String, in store: String?) -> InjectionError {
    let what = store.map { "no key of the store \"\($0)\"" } ?? "no secret"
    return InjectionError(
      "\(flag) asks for whole secrets, but a federation server lists no keys and the command line names \(what): "
        + "name the keys with --external-secrets, or write \(store ?? "secretName").key")
  }
}
