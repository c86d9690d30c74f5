import FederationAPI
import JSON
import TestSupport
import Testing

/// One question and the answer that every wire must give.
struct GeneratorCase: Sendable, CustomTestStringConvertible {
  typealias Made<Value> = @Sendable (GeneratorWorld) throws -> Value

  let name: String
  let operation: GeneratorOperation
  let expected: GeneratorAnswer
  let token: Made<String?>
  let workloadToken: Made<String?>

  var testDescription: String { name }

  init(
    _ name: String, _ operation: GeneratorOperation, _ expected: GeneratorAnswer,
    token: @escaping Made<String?> = { try $0.token() }, workload: @escaping Made<String?> = { _ in nil }
  ) {
    self.name = name
    self.operation = operation
    self.expected = expected
    self.token = token
    workloadToken = workload
  }

  static let fixed = GeneratorReference(namespace: "team", kind: "Fake", name: "fixed")
  static let database = GeneratorReference(namespace: "team", kind: "Password", name: "database")
  private static let values = GeneratorAnswer(
    status: 200, body: #"{"B":"","b":"line\nbreak","user":"a\u003cb\u003e\u0026c"}"# + "\n")
  private static let invalidOwner = GeneratorAnswer.failure(
    400,
    "owner must be an owner label: at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends")

  private static func other(
    namespace: String = "team", kind: String = "Fake", name: String = "fixed"
  ) -> GeneratorReference {
    GeneratorReference(namespace: namespace, kind: kind, name: name)
  }

  /// A token whose `kubernetes.io` claim lacks the service account.
  private static let incomplete: Made<String?> = { try $0.token(claims: ["kubernetes.io": ["namespace": "apps"]]) }
  /// A token without that claim, as other issuers make them.
  private static let plain: Made<String?> = { try $0.token(claims: ["kubernetes.io": nil]) }

  static let all = generate + revokeSelf + revoke + workloads + shared

  static let generate: [GeneratorCase] = [
    GeneratorCase("D18: generate for a workload of another cluster", .generate(fixed), values),
    GeneratorCase("generate without a workload", .generate(fixed), values, token: plain),
    GeneratorCase("generate without a token", .generate(fixed), .unauthenticated) { _ in nil },
    GeneratorCase("generate with a token that is no token", .generate(fixed), .unauthenticated) { _ in "nonsense" },
    GeneratorCase("generate with an expired token", .generate(fixed), .unauthenticated) {
      try $0.token(claims: ["exp": 1])
    },
    GeneratorCase("generate with a forged token", .generate(fixed), .unauthenticated) { world in
      try world.token(signedBy: world.strangerKey)
    },
    GeneratorCase("generate in a namespace that is not granted", .generate(other(namespace: "rivals")), .notFound),
    GeneratorCase("generate of a kind that is not granted", .generate(other(kind: "Password")), .notFound),
    GeneratorCase("generate of a kind in another case", .generate(other(kind: "fake")), .notFound),
    GeneratorCase("generate by a name that is not granted", .generate(other(name: "fixe")), .notFound),
    GeneratorCase("generate by a subject without a grant", .generate(fixed), .notFound) { try $0.token("operator") },
    GeneratorCase(
      "generate what is granted and not configured", .generate(other(kind: "UUID", name: "missing")),
      .failure(400, "generator \"team/UUID/missing\" is not configured on this server; ask its operator for it")),
    GeneratorCase(
      "generate for a workload without a service account", .generate(fixed),
      .failure(400, "missing kubernetes service account"), token: incomplete),
    GeneratorCase(
      "the workload is looked at before the grant", .generate(other(namespace: "rivals")),
      .failure(400, "missing kubernetes service account"), token: incomplete),
  ]

  static let revokeSelf: [GeneratorCase] = [
    GeneratorCase("self-revocation of nothing", .revokeSelf(other(kind: "UUID", name: "missing")), .nothing),
    GeneratorCase("self-revocation without a token", .revokeSelf(fixed), .unauthenticated) { _ in nil },
    GeneratorCase("self-revocation of what is not granted", .revokeSelf(other(namespace: "rivals")), .notFound),
    GeneratorCase(
      "self-revocation without a workload", .revokeSelf(fixed), .failure(400, "missing workload context"), token: plain),
    GeneratorCase(
      "self-revocation without a workload is told before the grant", .revokeSelf(other(namespace: "rivals")),
      .failure(400, "missing workload context"), token: plain),
    GeneratorCase(
      "self-revocation for a workload without a service account", .revokeSelf(fixed),
      .failure(400, "missing kubernetes service account"), token: incomplete),
  ]

  static let revoke: [GeneratorCase] =
    [
      GeneratorCase("revocation of nothing", .revoke(namespace: "team", owner: "nobody"), .revoked) {
        try $0.token("operator")
      },
      GeneratorCase("revocation without a token", .revoke(namespace: "team", owner: "app-0"), .unauthenticated) { _ in
        nil
      },
      GeneratorCase("revocation without a grant", .revoke(namespace: "team", owner: "app-0"), .notFound),
      GeneratorCase("revocation in another namespace", .revoke(namespace: "rivals", owner: "app-0"), .notFound) {
        try $0.token("operator")
      },
      GeneratorCase(
        "revocation without an owner", .revoke(namespace: "team", owner: ""), .failure(400, "owner is required")
      ) { try $0.token("operator") },
    ]
    + ["a,b", "*", "%", "a/b", "../app-0", "app-0\n", "app 0", "é", String(repeating: "a", count: 64), "-a"].map {
      owner in
      GeneratorCase(
        "revocation of owner \(owner.debugDescription)", .revoke(namespace: "team", owner: owner), invalidOwner
      ) { try $0.token("operator") }
    }
    + ["team/../rivals", "team%2F..%2Frivals", "Rivals", "rivals\u{301}", "*"].map { namespace in
      GeneratorCase(
        "revocation in \(namespace.debugDescription)", .revoke(namespace: namespace, owner: "app-0"), .notFound
      ) { try $0.token("operator") }
    }

  /// A subject that two federations vouch for and grant.
  static let shared: [GeneratorCase] = [
    GeneratorCase("generate by a token that two federations vouch for", .generate(fixed), values) {
      try $0.token("shared")
    },
    GeneratorCase("generate by a token that the other of them vouches for", .generate(fixed), values) {
      try $0.token("shared", signedBy: $0.alienKey)
    },
    GeneratorCase(
      "self-revocation of nothing where two federations vouch", .revokeSelf(other(kind: "UUID", name: "missing")),
      .nothing
    ) { try $0.token("shared") },
    GeneratorCase(
      "generate by the other federation's token of a subject that is the one's", .generate(fixed), .notFound
    ) {
      try $0.token(signedBy: $0.alienKey)
    },
  ]

  static let workloads: [GeneratorCase] = [
    GeneratorCase("the workload that the token proves", .generate(fixed), values, workload: { try $0.token() }),
    GeneratorCase(
      "another workload that verifies", .generate(fixed), values, workload: { try $0.token("elsewhere", pod: "pod-9") }),
    GeneratorCase(
      "a workload gives no permission", .generate(fixed), .notFound, token: { try $0.token("operator") },
      workload: { try $0.token() }),
    GeneratorCase(
      "D11: a workload of a known issuer that is forged", .generate(fixed),
      .failure(400, "invalid x-workload-token: it does not verify"),
      workload: { try $0.token("elsewhere", pod: "victim-0", signedBy: $0.strangerKey) }),
    GeneratorCase(
      "D11: a workload token that has expired", .generate(fixed),
      .failure(400, "invalid x-workload-token: it does not verify"),
      workload: { try $0.token("elsewhere", claims: ["exp": 1]) }),
    GeneratorCase(
      "D11: a workload token for another audience", .generate(fixed),
      .failure(400, "invalid x-workload-token: it does not verify"),
      workload: { try $0.token("elsewhere", claims: ["aud": ["other"]]) }),
    GeneratorCase(
      "D11: an unknown issuer's workload beside a proved one", .generate(fixed),
      .failure(400, "invalid x-workload-token: it names another workload than the caller's own token does"),
      workload: { try $0.token("elsewhere", issuer: GeneratorWorld.foreignIssuer) }),
    GeneratorCase(
      "an unknown issuer's workload for a caller without one", .generate(fixed), values,
      token: plain,
      workload: { try $0.token("elsewhere", issuer: GeneratorWorld.foreignIssuer, signedBy: $0.strangerKey) }),
    GeneratorCase(
      "a workload token without a workload", .revokeSelf(fixed),
      .failure(400, "invalid x-workload-token: x-workload-token missing kubernetes.io.namespace"),
      workload: { try $0.token(claims: ["kubernetes.io": nil]) }),
    GeneratorCase(
      "a workload token that is no token", .generate(fixed),
      .failure(
        400, "invalid x-workload-token: failed to parse x-workload-token: the token does not have three parts"),
      workload: { _ in "nonsense" }),
    GeneratorCase(
      "the caller is authenticated before its workload token is read", .generate(fixed), .unauthenticated,
      token: { _ in nil }, workload: { _ in "nonsense" }),
  ]
}
