import FederationAPI
import Identity
import JSON
import TestSupport
import Testing

@Suite struct WorkloadTokenTests {
  @Test("reads the workload without looking at signature or time")
  func good() throws {
    var claims = ServiceAccountClaims(issuer: "i", now: 1_000)
    let token = TestToken.assemble(header: ["alg": "RS256"], claims: claims.json, signature: [1])
    #expect(
      try WorkloadToken(parsing: token).workload
        == KubernetesAttributes(
          namespace: "apps", serviceAccount: .init(name: "app", uid: claims.serviceAccountUID),
          pod: .init(name: "app-0", uid: "22222222-2222-4222-8222-222222222222")))
    claims.pod = nil
    #expect(try WorkloadToken(parsing: TestToken.assemble(header: [:], claims: claims.json)).workload.pod == nil)
  }

  @Test(
    "names what is missing",
    arguments: [
      ([:], "kubernetes.io.namespace"),
      (["kubernetes.io": ["namespace": ""]], "kubernetes.io.namespace"),
      (["kubernetes.io": ["namespace": "n"]], "kubernetes.io.serviceaccount.name"),
      (["kubernetes.io": ["namespace": "n", "serviceaccount": ["uid": "u"]]], "kubernetes.io.serviceaccount.name"),
      (["kubernetes.io": ["namespace": "n", "serviceaccount": ["name": "s"]]], "kubernetes.io.serviceaccount.uid"),
      (
        ["kubernetes.io": ["namespace": "n", "serviceaccount": ["name": "s", "uid": 1]]],
        "kubernetes.io.serviceaccount.uid"
      ),
    ] as [(JSONValue, String)])
  func missing(claims: JSONValue, path: String) {
    #expect(throws: RPCError(.invalidArgument, "invalid x-workload-token: x-workload-token missing \(path)")) {
      try WorkloadToken(parsing: TestToken.assemble(header: ["alg": "none"], claims: claims)).workload
    }
  }

  @Test(
    "says that it could not be parsed, without its text",
    arguments: [
      "", "secretword", "secretword.e30", "e30.e30.e30.e30", "e30.secret word.x", "e30.e30=.x", "W10.e30.x",
      "e30.W10.x", "..",
    ])
  func malformed(token: String) {
    do {
      _ = try WorkloadToken(parsing: token).workload
      Issue.record("accepted")
    } catch {
      #expect(error.code == .invalidArgument)
      #expect(error.message.hasPrefix("invalid x-workload-token: failed to parse x-workload-token: "))
      #expect(!error.message.contains("secret"))
    }
  }

  @Test("is bounded as bearer tokens are")
  func bound() {
    let claims: JSONValue = ["x": .string(String(repeating: "a", count: Limits.token))]
    #expect(
      throws: RPCError(
        .invalidArgument,
        "invalid x-workload-token: failed to parse x-workload-token: the token is longer than 16384 bytes")
    ) { try WorkloadToken(parsing: TestToken.assemble(header: [:], claims: claims)).workload }
  }
}
