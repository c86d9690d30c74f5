import Foundation
import TestSupport

extension KubernetesAPIServer {
  /// The manifest of a ClusterSecretStore `cluster` of this server's Secrets, which keeps no values, with that `auth`; the
  /// server has to have a certificate of `authority`, its own where that is nil.
  func storeManifest(_ auth: String, authority: TestCertificateAuthority? = nil) -> String {
    """
    apiVersion: external-secrets.io/v1
    kind: ClusterSecretStore
    metadata:
      name: cluster
      annotations: {federation.external-secrets.io/refresh: 0s, federation.external-secrets.io/max-stale: 0s}
    spec:
      provider:
        kubernetes:
          server: {url: "\(url)", caBundle: \(Data((authority ?? self.authority).certificatePEM).base64EncodedString())}
          auth: \(auth)

    """
  }
}
