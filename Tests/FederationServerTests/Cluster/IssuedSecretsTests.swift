import FederationAPI
import Ledger
import Logging
import Resources
import TestSupport
import Testing

@testable import FederationServer

/// The Secrets that are kept for what was issued.
@Suite struct IssuedSecretsTests {
  private let name = ResourceName(namespace: "team", name: "vault")

  @Test("a Secret that no object needs any more leaves with the answer to a second question")
  func leaving() {
    var issued = IssuedSecrets(isAsked: true)
    #expect(!issued.isTold)
    issued.begin()
    let isNew = issued.end([])
    #expect(isNew && issued.isTold && issued.needed.isEmpty)
    issued.note(objectsNeed: [name], followed: [])
    issued.begin()
    issued.note(objectsNeed: [], followed: [name])
    #expect(issued.needed == [name])
    // Asked before, too soon, and without an answer.
    for answer in [[], [], nil] as [Set<ResourceName>?] {
      #expect(issued.needed == [name])
      _ = issued.end(answer)
      issued.begin()
    }
    let isLeft = issued.end([])
    #expect(isLeft && issued.needed.isEmpty)
  }

  @Test("one that is needed again, or that the ledger names, stays")
  func staying() {
    var issued = IssuedSecrets(isAsked: true)
    issued.note(objectsNeed: [name], followed: [name])
    issued.note(objectsNeed: [], followed: [name])
    issued.note(objectsNeed: [name], followed: [name])
    #expect(issued.needed.isEmpty)
    issued.note(objectsNeed: [], followed: [name])
    for _ in 0..<4 {
      issued.begin()
      _ = issued.end([name])
      issued.note(objectsNeed: [], followed: [name])
      #expect(issued.needed == [name])
    }
    issued.begin()
    let isNew = issued.end([])
    #expect(isNew && issued.needed.isEmpty)
    // One that had no place keeps none.
    issued.note(objectsNeed: [name], followed: [])
    issued.note(objectsNeed: [], followed: [])
    #expect(issued.needed.isEmpty)
  }

  @Test("where nothing is issued nothing is waited for, and nothing kept")
  func withoutLedger() {
    var issued = IssuedSecrets(isAsked: false)
    issued.note(objectsNeed: [name], followed: [name])
    issued.note(objectsNeed: [], followed: [name])
    #expect(issued.isTold && issued.needed.isEmpty)
  }

  @Test("the manifests that the ledger keeps name them, as long as a state has that manifest and something to clean up")
  func ledger() async throws {
    let directory = try TemporaryDirectory()
    let ledger = try await LedgerLocation.directory(directory.path).open()
    let secrets = SecretLedger(ledger, log: Log(level: .error) { _ in })
    #expect(await secrets.names() == [])
    let vault = """
      {"apiVersion":"generators.external-secrets.io/v1alpha1","kind":"VaultDynamicSecret",\
      "metadata":{"name":"app","namespace":"team"},"spec":{"path":"database/creds/app","provider":{\
      "server":"https://vault.example","caProvider":{"type":"Secret","name":"ca","key":"pem"},\
      "auth":{"appRole":{"roleId":"r","secretRef":{"name":"vault","key":"id"}}}}}}
      """
    let mfa = """
      {"apiVersion":"generators.external-secrets.io/v1alpha1","kind":"MFA","metadata":{"name":"app","namespace":"team"},\
      "spec":{"secret":{"name":"seed","key":"seed"}}}
      """
    for (name, kind, manifest) in [
      ("one", "VaultDynamicSecret", vault), ("two", "VaultDynamicSecret", vault), ("three", "MFA", mfa),
      ("four", "VaultDynamicSecret", "damaged"),
    ] {
      try await ledger.announce(state(name, kind, manifest, ledger))
    }
    let needed: Set = [name, ResourceName(namespace: "team", name: "ca")]
    #expect(await secrets.names() == needed)
    try await ledger.forget("one", audit: nil)
    #expect(await secrets.names() == needed)
    try await ledger.forget("two", audit: nil)
    #expect(await secrets.names() == [])
    await ledger.close()
    #expect(await secrets.names() == nil)
  }

  private func state(_ name: String, _ kind: String, _ manifest: String, _ ledger: any Ledger) -> GeneratorState {
    GeneratorState(
      name: name, generator: GeneratorReference(namespace: "team", kind: kind, name: "app"),
      owner: Owner(name: "o", label: "o", attributes: [:], workload: nil),
      identity: IdentityReference(
        method: .oidc, provider: "https://cluster.example", subject: "s",
        federations: [FederationReference(kind: "KubernetesFederation", name: "cluster")]),
      resource: manifest, state: "{}", instance: ledger.instance, createdAtSeconds: 1, expiresAtSeconds: nil)
  }
}
