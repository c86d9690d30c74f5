import Testing

@testable import FederationServer

/// The kinds that a cluster is asked for.
@Suite struct ServedKindTests {
  private func kind(_ name: String) -> ServedKind? { ServedKind.all.first { $0.kind == name } }

  @Test("paths, conditions, and which kinds must be there")
  func kinds() {
    let store = kind("ClusterSecretStore")
    #expect(store?.versions.map(\.apiVersion) == ["external-secrets.io/v1", "external-secrets.io/v1beta1"])
    #expect(store?.condition == "FederationReady" && store?.isRequired == false && store?.isNamespaced == false)
    // Of the two groups of files the older one is no version of this kind.
    let cluster = kind("KubernetesFederation")
    #expect(cluster?.versions.map(\.title) == ["kubernetesfederations.identity.federation.external-secrets.io"])
    #expect(cluster?.condition == "Ready" && cluster?.isRequired == true)
    #expect(kind("Authorization")?.versions.map(\.title) == ["authorizations.federation.external-secrets.io"])
    #expect(kind("Authorization")?.isRequired == true)
    let generator = kind("PostgreSql")
    #expect(generator?.versions.map(\.title) == ["postgresqls.generators.external-secrets.io"])
    #expect(generator?.isRequired == false && generator?.isNamespaced == true)
    #expect(kind("Secret") == nil && kind("ExternalSecret") == nil)
  }
}
