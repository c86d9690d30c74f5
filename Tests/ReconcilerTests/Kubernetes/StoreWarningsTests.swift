import JSON
import Kubernetes
import Resources
import Testing

@testable import Reconciler

@Suite struct StoreWarningsTests {
  private func store(_ account: JSONValue, version: Int = 1) -> KubernetesObject {
    KubernetesObject([
      "apiVersion": "federation.external-secrets.io/v1alpha1", "kind": "FederationStore",
      "metadata": [
        "name": "a", "namespace": "apps", "uid": "u", "resourceVersion": .string(String(version)),
      ],
      "spec": [
        "server": ["url": "https://fed.example"], "store": "s", "auth": ["kubernetes": ["serviceAccountRef": account]],
      ],
    ])
  }

  @Test("a service account's token without audiences is warned of, once for each time that it comes to be")
  func audiences() {
    var warnings = StoreWarnings()
    let bare = store(["name": "reader"])
    let said = warnings.unsaid(.added(bare))
    #expect(said.map(\.store) == [ResourceName(namespace: "apps", name: "a")])
    #expect(said.first?.reason.contains("`spec.auth.kubernetes.serviceAccountRef` names no `audiences`") == true)
    #expect(warnings.unsaid(.modified(store(["name": "other"], version: 2))).isEmpty)
    #expect(warnings.unsaid(.modified(store(["name": "reader", "audiences": ["federation"]], version: 3))).isEmpty)
    #expect(warnings.unsaid(.modified(bare)).count == 1)
  }
}
