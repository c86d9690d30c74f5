import FederationAPI

/// A plan in which all that generators gave has its place: every variable and every file's members by name.
struct ResolvedInjection {
  private(set) var environment: [String: InjectedValue]
  private(set) var files: [String: InjectionPlan.FileContent]

  /// Puts every output of `outputs` where `plan` wants all of a generator. Throws for two values in one place, and for
  /// an output whose name cannot be a variable's.
  init(_ plan: InjectionPlan, outputs: [GeneratorReference: [String: SecretBytes]]) throws(InjectionError) {
    environment = plan.environment
    files = plan.files
    for generator in plan.generatorsInEnvironment {
      for value in Self.values(of: generator, in: outputs) {
        let variable = EnvironmentVariableName.derived(from: value.key)
        if plan.writtenVariables.contains(variable) { continue }
        guard EnvironmentVariableName.mayBeSetByServer(variable) else {
          throw InjectionError(
            "\(value) would set \(Self.naming(variable)), which a server may not choose: "
              + "instead of injecting everything, name each variable with --inject-on-env NAME=secretName.key")
        }
        if let other = environment[variable], other != value { throw .sameVariable(variable, other, value) }
        environment[variable] = value
      }
    }
    for (path, content) in plan.files {
      guard case .mapping(var members, let generators) = content else { continue }
      for value in generators.flatMap({ Self.values(of: $0, in: outputs) }) {
        if let other = members[value.key], other != value { throw .sameKey(path, other, value) }
        members[value.key] = value
      }
      files[path] = .mapping(members)
    }
  }

  private static func naming(_ variable: String) -> String {
    variable.isEmpty ? "a variable without a name" : PrintableText.of(variable)
  }

  /// In byte order of the keys, so that the same clash is always told the same way.
  private static func values(
    of generator: GeneratorReference, in outputs: [GeneratorReference: [String: SecretBytes]]
  ) -> [InjectedValue] {
    let keys = (outputs[generator] ?? [:]).keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return keys.map { .output(generator, key: $0) }
  }
}
