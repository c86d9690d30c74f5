import FederationAPI
import FederationClient
import JSON
import Kubernetes
import Resources
import Testing

@testable import Reconciler

/// What those who may write objects in one namespace can have an agent do.
@Suite struct StoreBoundaryTests {
  private func refusal(
    _ auth: FederationStoreAuth, at url: String = "https://fed.example", allowed: [String] = []
  ) throws -> String? {
    let boundary = StoreBoundary(ownIdentityServers: Set(try allowed.map { try ServerAddress(parsing: $0) }))
    let store = FederationStoreResource(
      namespace: "apps", name: "a", server: FederationServerReference(url: url), store: "s", auth: auth)
    do throws(RPCError) {
      try boundary.check(store)
      return nil
    } catch {
      #expect(error.code == .failedPrecondition)
      return error.message
    }
  }

  @Test("each field that names a file is refused by its name, whatever the server")
  func files() throws {
    let okta = ClientCredentialsAuth.Provider.okta(domain: "https://o.example", authorizationServer: "")
    let ping = ClientCredentialsAuth.Provider.pingIdentity(region: "eu", environmentID: "e")
    let cases: [(String, FederationStoreAuth)] = [
      ("kubernetes.tokenFile", .kubernetes(KubernetesStoreAuth(tokenFile: "/etc/passwd"))),
      ("kubernetes.caFile", .kubernetes(KubernetesStoreAuth(serviceAccount: "reader", caFile: "/etc/passwd"))),
      ("okta.privateKeyFile", .clientCredentials(.init(provider: okta, clientID: "c", privateKeyFile: "/k"))),
      ("pingidentity.privateKeyFile", .clientCredentials(.init(provider: ping, clientID: "c", privateKeyFile: "/k"))),
      ("spiffe.svidFile", .spiffe(SPIFFEStoreAuth(source: .files(svid: "/s", key: "/k", bundle: nil)))),
    ]
    for (field, auth) in cases {
      let message = try refusal(auth, allowed: ["https://fed.example"])
      #expect(message?.hasPrefix("`spec.auth.\(field)` names a file of the agent's") == true, "\(field)")
    }
  }

  @Test("the agent's own token and SVID are for the servers that its operator named, exactly")
  func ownIdentity() throws {
    let own: [FederationStoreAuth] = [
      .kubernetes(KubernetesStoreAuth()), .spiffe(SPIFFEStoreAuth(source: .workloadAPI("/run/agent.sock"))),
    ]
    for auth in own {
      #expect(try refusal(auth)?.contains("does not show to https://fed.example:443;") == true)
      #expect(try refusal(auth, allowed: ["https://fed.example:443/"]) == nil)
      for other in ["https://fed.example:8443", "https://fed.example.evil", "https://fed.example/base"] {
        #expect(try refusal(auth, at: other, allowed: ["https://fed.example"]) != nil)
      }
    }
  }

  @Test("an identity of the store's own namespace may be shown to any server")
  func namespaced() throws {
    #expect(try refusal(.kubernetes(KubernetesStoreAuth(serviceAccount: "reader"))) == nil)
    #expect(try refusal(.token(SecretKeySelector(namespace: "apps", name: "t", key: "k"))) == nil)
  }

  @Test("what an ExternalSecret's annotation says was issued counts only within its own namespace")
  func issuers() throws {
    func issuer(_ namespace: String, token: String, ca: String? = nil) -> FederationGeneratorResource {
      FederationGeneratorResource(
        namespace: namespace, name: "g",
        server: FederationServerReference(
          url: "https://x",
          certificates: ca.map { .configMap(SecretKeySelector(namespace: $0, name: "ca", key: "k")) }),
        generator: GeneratorReference(namespace: "default", kind: "Password", name: "p"),
        token: SecretKeySelector(namespace: token, name: "t", key: "k"))
    }
    var written = ExternalSecretStatus()
    written.issuers = [
      issuer("apps", token: "apps", ca: "apps"), issuer("apps", token: "kube-system"), issuer("other", token: "apps"),
      issuer("apps", token: "apps", ca: "kube-system"),
    ]
    let text = String(decoding: (written.document["issuers"] ?? .null).encoded(), as: UTF8.self)
    let type = ResourceType(
      group: "external-secrets.io", version: "v1", plural: "externalsecrets", kind: "ExternalSecret")
    var object = KubernetesObject(type, namespace: "apps", name: "a")
    object.setMetadata("annotations", .strings([KubernetesResources.issuersAnnotation: text]))
    #expect(KubernetesResources.status(object).issuers == [written.issuers[0]])
  }
}
