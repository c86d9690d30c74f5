import Testing

@testable import Resources

@Suite struct GCPStoreSpecTests {
  private func load(_ fields: String) throws -> (GCPStoreSpec?, [String]) {
    let directory = try StoreManifest.directory("gcpsm", fields)
    guard case .remote(.gcpsm(let spec)) = directory.load().manifests.clusterSecretStores.first?.provider else {
      return (nil, directory.printed())
    }
    return (spec, directory.printed())
  }

  @Test("a service account's key and a credential configuration are read, and where the secrets are")
  func good() throws {
    let (account, warned) = try load(
      "projectID: my-project\nauth: {secretRef: {secretAccessKeySecretRef: {name: gcp, key: key.json}}}")
    #expect(
      warned == [
        "a.yaml:9: warning: no manifest defines Secret `default/gcp`; until one does, this store cannot be used"
      ])
    #expect(
      account
        == GCPStoreSpec(
          project: "my-project",
          credential: .secret(SecretKeySelector(namespace: "default", name: "gcp", key: "key.json"))))
    let (federated, printed) = try load(
      """
      projectID: my-project
      location: europe-west1
      secretVersionSelectionPolicy: LatestOrFail
      auth: {workloadIdentityFederation: {credConfig: {file: /nonexistent/gcp.json}}}
      endpoint: https://secretmanager.example
      """)
    #expect(printed.count == 1 && printed[0].contains("names no file of this machine"))
    #expect(
      federated
        == GCPStoreSpec(
          project: "my-project", location: "europe-west1", credential: .file("/nonexistent/gcp.json"),
          isFederated: true, endpoint: BackendURL("https://secretmanager.example")))
  }

  @Test(
    "what is wrong, or is not served, is told with its line",
    arguments: [
      ("projectID: a", "7: `spec.provider.gcpsm.auth` is missing"),
      ("projectID: a/b", "8: `spec.provider.gcpsm.projectID` `a/b` must be"),
      ("projectID: a\nauth: {}", "9: `spec.provider.gcpsm.auth` must have one of"),
      ("projectID: a\nauth: {workloadIdentity: {}}", "9: `spec.provider.gcpsm.auth.workloadIdentity` is not served"),
      (
        "projectID: a\nauth: {workloadIdentityFederation: {audience: x, credConfig: {env: A}}}",
        "9: `spec.provider.gcpsm.auth.workloadIdentityFederation.audience` is not served"
      ),
      (
        "projectID: a\nsecretVersionSelectionPolicy: LatestOrFetch",
        "9: `spec.provider.gcpsm.secretVersionSelectionPolicy` must be `LatestOrFail`"
      ),
    ])
  func faults(_ fields: String, _ expected: String) throws {
    let (spec, printed) = try load(fields)
    #expect(spec == nil)
    #expect(printed.contains { $0.hasPrefix("a.yaml:\(expected)") }, "\(printed)")
  }
}
