import FederationAPI
import JSON

/// The first member that the claim `kubernetes.io` lacks, for example `kubernetes.io.serviceaccount.name`.
struct MissingClaim: Error, Equatable {
  let path: String
}

extension KubernetesAttributes {
  /// Reads the claim `kubernetes.io` of a service account token; an incomplete `pod` counts as none.
  init(claims: JSONValue) throws(MissingClaim) {
    let workload = claims["kubernetes.io"]
    func text(_ value: JSONValue?, _ path: String) throws(MissingClaim) -> String {
      guard let text = value?.string, !text.isEmpty else { throw MissingClaim(path: path) }
      return text
    }
    let account = workload?["serviceaccount"]
    self.init(
      namespace: try text(workload?["namespace"], "kubernetes.io.namespace"),
      serviceAccount: Object(
        name: try text(account?["name"], "kubernetes.io.serviceaccount.name"),
        uid: try text(account?["uid"], "kubernetes.io.serviceaccount.uid")),
      pod: nil)
    if let name = workload?["pod"]?["name"]?.string, let uid = workload?["pod"]?["uid"]?.string {
      pod = Object(name: name, uid: uid)
    }
  }
}
