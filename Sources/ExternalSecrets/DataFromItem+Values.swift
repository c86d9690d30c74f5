import FederationAPI
import JSON
import RegularExpressions
import SecretStores

extension ExternalSecretSpec.DataFromItem {
  /// What the item gives to the Secret, made from what was `read` of the store: one value for `extract`, one for each
  /// key that `find` means. A generator's item gives nothing here.
  ///
  /// Throws FAILED_PRECONDITION with `path` for values that do not fit.
  public func values(
    read: [(key: String, value: SecretBytes)], path: String, _ effort: inout Effort
  ) throws(RPCError) -> [String: SecretBytes] {
    var values: SecretValues
    let treatment: ExternalSecretSpec.Treatment
    switch source {
    case .generator: return [:]
    case .extract(let remote):
      guard let members = read.first?.value.jsonMembers() else {
        let problem = "is no JSON object of at most \(SecretBytes.maximumMembers) members"
        throw RPCError(.failedPrecondition, "\(path): the value of \"\(remote.key)\" \(problem)")
      }
      values = SecretValues(
        Dictionary(members.map { (JSONName($0.name), $0.content) }, uniquingKeysWith: { $1 }))
      treatment = remote.treatment
    case .find(let find):
      values = SecretValues(Dictionary(read.map { (JSONName($0.key), $0.value) }, uniquingKeysWith: { $1 }))
      treatment = find.treatment
    }
    try values.rewrite(rewrites, path: path, &effort)
    if rewrites.isEmpty { try values.convert(treatment.conversion, path: path) }
    return try values.finished(treatment, path: path)
  }

  /// What the item gives to the Secret, made from what its generator `issued`.
  public func values(
    issued: [String: SecretBytes], path: String, _ effort: inout Effort
  ) throws(RPCError) -> [String: SecretBytes] {
    var values = SecretValues(Dictionary(issued.map { (JSONName($0), $1) }, uniquingKeysWith: { $1 }))
    try values.rewrite(rewrites, path: path, &effort)
    return try values.finished(ExternalSecretSpec.Treatment(), path: path)
  }
}
