extension KubernetesAttributes {
  /// How the path of a workload's SPIFFE ID is written; a UID comes before its name.
  public static let spiffePathForm = "/{app}/ns/{namespace}/sa/{saUID}/{saName}/pod/{podUID}/{podName}"

  /// The workload that a valid SPIFFE ID names by its path; nil for a path of another form, which belongs to nobody here.
  public init?(spiffeID id: String) {
    let parts = id.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst(3)
    let path = parts.map { String(Substring($0)) }
    guard path.count == 9, !path.contains(""), path[1] == "ns", path[3] == "sa", path[6] == "pod" else { return nil }
    self.init(
      namespace: path[2], serviceAccount: Object(name: path[5], uid: path[4]),
      pod: Object(name: path[8], uid: path[7]))
  }
}
