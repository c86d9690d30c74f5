/// The flags that say which Kubernetes cluster a program works with.
public struct ClusterFlags: Sendable {
  /// `--kubeconfig FILE`.
  public var kubeconfig: String?
  /// `--context NAME`.
  public var context: String?
  /// `--namespace NAME`.
  public var namespace: String?

  /// The flag that turns the others on.
  public static let mode = "kubernetes"
  /// The flags that need it.
  public static let names = ["kubeconfig", "context", "namespace"]
  /// All of them.
  public static let flags = [FlagParser.Flag(mode, takesValue: false)] + names.map { FlagParser.Flag($0) }

  /// The cluster of the command line; nil without `--kubernetes`, and then none of the others, nor of `further` ones,
  /// may be given.
  public init?(_ line: FlagParser.Parsed, further: [String] = []) throws(UsageError) {
    guard line.values[Self.mode] != nil else {
      for flag in Self.names + further where line.values[flag] != nil {
        throw UsageError("--\(flag) needs --\(Self.mode)")
      }
      return nil
    }
    for flag in Self.names where line.values[flag]?.isEmpty == true { throw UsageError("--\(flag) needs a value") }
    kubeconfig = line.values["kubeconfig"]
    context = line.values["context"]
    namespace = line.values["namespace"]
  }
}
