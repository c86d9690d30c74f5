import FederationAPI
import JSON
import Resources
import Testing

@testable import Reconciler

/// What is kept of an ExternalSecret.
@Suite struct ExternalSecretStatusTests {
  @Test("what is written is read again")
  func roundTrip() throws {
    var status = ExternalSecretStatus()
    #expect(ExternalSecretStatus(status.document) == status)
    status.refreshTime = 1_700_000_000
    status.syncedResourceVersion = "abc"
    status.binding = "login"
    status.set(.failed, "could not: \"x\"", now: 1_700_000_001)
    let token = SecretKeySelector(namespace: "demo", name: "agent", key: "token")
    let sources: [FederationServerReference.CertificateSource?] = [
      nil, .bundle(Array("PEM\n".utf8)), .secret(token), .configMap(token),
    ]
    status.issuers = sources.map {
      FederationGeneratorResource(
        namespace: "demo", name: "login",
        server: FederationServerReference(url: "https://x", transport: .grpc, certificates: $0),
        generator: GeneratorReference(namespace: "default", kind: "Password", name: "p"), token: token,
        certificates: $0 == nil ? token : nil)
    }
    let text = status.document.encoded()
    #expect(ExternalSecretStatus(try JSONValue.parse(text)) == status)
  }

  @Test("the condition's time is that of the last change of its status")
  func transition() {
    var status = ExternalSecretStatus()
    status.set(.failed, "a", now: 1)
    status.set(.failed, "b", now: 2)
    #expect(status.ready == ReadyCondition(.failed, "b", since: 1))
    status.set(.synced, "c", now: 3)
    status.set(.deleted, "d", now: 4)
    #expect(status.ready == ReadyCondition(.deleted, "d", since: 3))
  }

  @Test("what is none is not taken for one")
  func damaged() {
    #expect(ExternalSecretStatus(.null) == nil)
    #expect(ExternalSecretStatus(["refreshTime": 5, "conditions": "x"]) == ExternalSecretStatus())
  }
}
