import JSON
import Kubernetes

/// Objects as the API gives them.
enum ClusterExamples {
  static func object(
    _ kind: String, _ name: String, apiVersion: String, namespace: String? = nil, spec: JSONValue, generation: Int = 1,
    version: Int = 1, status: JSONValue? = nil
  ) -> KubernetesObject {
    var metadata: [JSONName: JSONValue] = [
      "name": .string(name), "uid": .string("uid-\(name)"), "resourceVersion": .string(String(version)),
      "generation": .number(Double(generation)), "creationTimestamp": "2026-01-01T00:00:00Z",
      "managedFields": [["manager": "kubectl"]],
    ]
    if let namespace { metadata["namespace"] = .string(namespace) }
    var members: [JSONName: JSONValue] = [
      "apiVersion": .string(apiVersion), "kind": .string(kind), "metadata": .object(metadata), "spec": spec,
    ]
    if let status { members["status"] = status }
    return KubernetesObject(.object(members))
  }

  static func federation(
    _ name: String = "cluster", url: String = "https://10.0.0.1:6443", generation: Int = 1, version: Int = 1
  ) -> KubernetesObject {
    object(
      "KubernetesFederation", name, apiVersion: "identity.federation.external-secrets.io/v1alpha1",
      spec: ["url": .string(url), "audiences": ["federation"]], generation: generation, version: version)
  }

  static func authorization(_ name: String = "app", stores: [String] = ["vault"], version: Int = 1) -> KubernetesObject
  {
    object(
      "Authorization", name, apiVersion: "federation.external-secrets.io/v1alpha1",
      spec: [
        "federationRef": ["kind": "KubernetesFederation", "name": "cluster"],
        "subject": ["oidc": ["issuer": "https://cluster.example", "subject": "system:serviceaccount:apps:app"]],
        "allowedClusterSecretStores": .array(stores.map { .string($0) }),
      ], version: version)
  }

  static func store(
    _ name: String = "vault", value: String = "one", version: Int = 1, status: JSONValue? = nil
  ) -> KubernetesObject {
    object(
      "ClusterSecretStore", name, apiVersion: "external-secrets.io/v1",
      spec: ["provider": ["fake": ["data": [["key": "password", "value": .string(value)]]]]], version: version,
      status: status)
  }

  /// A store of Vault whose token is in the Secret `secret` of the namespace `stores`.
  static func vaultStore(
    _ name: String, secret: String, configMap: String? = nil, generation: Int = 1, version: Int = 1
  ) -> KubernetesObject {
    let reference: JSONValue = ["name": .string(secret), "key": "token", "namespace": "stores"]
    var vault: [JSONName: JSONValue] = [
      "server": "https://vault.example", "path": "secret", "auth": ["tokenSecretRef": reference],
    ]
    if let configMap {
      vault["caProvider"] = ["type": "ConfigMap", "name": .string(configMap), "key": "pem", "namespace": "stores"]
    }
    return object(
      "ClusterSecretStore", name, apiVersion: "external-secrets.io/v1",
      spec: ["provider": ["vault": .object(vault)]], generation: generation, version: version)
  }

  static func spiffe(_ name: String = "mesh") -> KubernetesObject {
    object(
      "SpiffeFederation", name, apiVersion: "identity.federation.external-secrets.io/v1alpha1",
      spec: ["trustDomain": "example.org"])
  }

  /// An OktaFederation that refers to the Secret `okta` in the namespace `external-secrets`.
  static func okta(version: Int = 1) -> KubernetesObject {
    object(
      "OktaFederation", "okta", apiVersion: "identity.federation.external-secrets.io/v1alpha1",
      spec: [
        "domain": "https://example.okta.com", "audiences": ["federation"],
        "managementAPI": ["apiTokenSecretRef": ["name": "okta", "key": "token"]],
      ], version: version)
  }

  /// A Secret; `token` is base64.
  static func secret(
    _ name: String = "okta", in namespace: String = "external-secrets", token: String, version: Int = 1
  ) -> KubernetesObject {
    KubernetesObject([
      "apiVersion": "v1", "kind": "Secret",
      "metadata": [
        "name": .string(name), "namespace": .string(namespace), "uid": "uid-secret",
        "resourceVersion": .string(String(version)),
      ], "type": "Opaque", "data": ["token": .string(token)],
    ])
  }
}
