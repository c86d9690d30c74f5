import FederationAPI

/// A plan with its secrets fetched: everything is checked and assembled, and nothing is written yet.
public struct Injection: Sendable {
  private let variables: [(name: String, value: SecretBytes)]
  private let files: [(path: String, value: SecretBytes)]

  /// Assembles `plan` from `values`, which holds every secret of ``InjectionPlan/secrets``, and from what each of
  /// ``InjectionPlan/generators`` gave, by output key.
  ///
  /// Throws for what could not be known before the generators were called: an output that the plan names and its
  /// generator did not give, two values in one place, a value that does not fit into its file.
  public init(
    _ plan: InjectionPlan, values: [SecretName: SecretBytes],
    outputs: [GeneratorReference: [String: SecretBytes]] = [:]
  ) throws(InjectionError) {
    func value(_ source: InjectedValue) throws(InjectionError) -> SecretBytes {
      switch source {
      case .secret(let name):
        guard let value = values[name] else { throw InjectionError("\(name) was not fetched") }
        return value
      case .output(let generator, let key):
        guard let value = outputs[generator]?[key] else {
          throw Self.missing(key, of: generator, given: outputs[generator])
        }
        return value
      }
    }
    let plan = try ResolvedInjection(plan, outputs: outputs)
    var variables: [(name: String, value: SecretBytes)] = []
    for (name, secret) in plan.environment.sorted(by: { $0.key < $1.key }) {
      variables.append((name, try value(secret)))
    }
    var files: [(path: String, value: SecretBytes)] = []
    for (path, content) in plan.files.sorted(by: { $0.key < $1.key }) {
      switch content {
      case .value(let secret):
        files.append((path, try value(secret)))
      case .mapping(let mapping, _):
        var members: [String: SecretBytes] = [:]
        for (key, secret) in mapping { members[key] = try value(secret) }
        files.append((path, SecretBytes(try SecretDocument.bytes(members, format: .init(path: path)))))
      }
    }
    self.variables = variables
    self.files = files
  }

  private static func missing(
    _ key: String, of generator: GeneratorReference, given: [String: SecretBytes]?
  ) -> InjectionError {
    guard let given else { return InjectionError("the generator \(generator) was not called") }
    // A server chooses how many there are and how long.
    let keys = given.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.prefix(20)
      .map { "\"\(PrintableText.of($0))\"" }
    let list = keys.isEmpty ? "no output" : keys.joined(separator: ", ") + (given.count > keys.count ? ", …" : "")
    return InjectionError("the generator \(generator) gave no output \"\(key)\", but \(list): correct the flag's key")
  }

  /// The inherited environment with the plan's variables set over it.
  public func environment(over inherited: [[UInt8]]) throws(InjectionError) -> EnvironmentBlock {
    var block = EnvironmentBlock(inherited: inherited)
    for (name, value) in variables { try block.set(name, to: value) }
    return block
  }

  /// Writes the plan's files. When one cannot be written, none is changed.
  public func writeFiles(_ attributes: FileAttributes = FileAttributes()) throws(InjectionError) {
    try StagedFileSet.write(files, attributes)
  }

  /// Writes those of the plan's files whose content or attributes on disk are others, so that whoever watches them
  /// sees changes only; gives their paths. When one cannot be written, none is changed.
  public func refreshFiles(_ attributes: FileAttributes = FileAttributes()) throws(InjectionError) -> [String] {
    let changed = files.filter { path, value in
      !value.withBytes { PlacedFile.isCurrent(path, bytes: $0, attributes) }
    }
    try StagedFileSet.write(changed, attributes)
    return changed.map(\.path)
  }
}
