import FederationAPI

/// Reads `--federated-generators`.
public enum GeneratorList {
  /// The generators that `values` name, each once, in the order of the flags.
  ///
  /// - Parameters:
  ///   - values: values of `--federated-generators`, each a comma-separated list of `namespace/kind/name`,
  ///     `kind/name` or `name`.
  ///   - namespace: what stands for a namespace that is left out.
  ///   - kind: what stands for a kind that is left out, or empty.
  public static func parse(
    _ values: [String], namespace: String, kind: String
  ) throws(InjectionError) -> [GeneratorReference] {
    var generators: [GeneratorReference] = []
    for value in values {
      for item in try InjectionItem.list(value, flag: "federated-generators") {
        let generator = try generator(item, namespace: namespace, kind: kind)
        if !generators.contains(generator) { generators.append(generator) }
      }
    }
    return generators
  }

  private static func generator(
    _ item: String, namespace: String, kind: String
  ) throws(InjectionError) -> GeneratorReference {
    let parts = item.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 3, !parts.contains("") else {
      throw InjectionError("--federated-generators item \"\(item)\" is not namespace/kind/name, kind/name or name")
    }
    let name = parts[parts.count - 1]
    let itsKind = parts.count > 1 ? parts[parts.count - 2] : kind
    guard !itsKind.isEmpty else {
      throw InjectionError(
        "--federated-generators item \"\(name)\" names no kind: write KIND/\(name), such as Password/\(name), "
          + "or give --federated-generator-kind")
    }
    let itsNamespace = parts.count > 2 ? parts[0] : namespace
    guard !itsNamespace.isEmpty else {
      throw InjectionError(
        "--federated-generators item \"\(item)\" names no namespace: write NAMESPACE/\(itsKind)/\(name), "
          + "or give --federated-generator-namespace")
    }
    return GeneratorReference(namespace: itsNamespace, kind: itsKind, name: name)
  }
}
