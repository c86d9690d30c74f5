import Testing

@testable import Resources

@Suite struct AWSStoreSpecTests {
  private static let keys = "secretRef: {accessKeyIDSecretRef: {name: aws, key: id}, "
  private static let bothKeys = keys + "secretAccessKeySecretRef: {name: aws, key: key, namespace: vault}}"
  private static let role = "arn:aws:iam::123456789012:role/reader"

  /// The one store of `provider.aws` with `fields`, and what was printed.
  private func load(_ fields: String) throws -> (AWSStoreSpec?, [String]) {
    let directory = try StoreManifest.directory("aws", fields)
    guard case .remote(.aws(let spec)) = directory.load().manifests.clusterSecretStores.first?.provider else {
      return (nil, directory.printed())
    }
    return (spec, directory.printed())
  }

  @Test("service and region are enough")
  func least() throws {
    for service in AWSStoreSpec.Service.allCases {
      let (spec, printed) = try load("service: \(service.rawValue)\nregion: eu-west-1")
      #expect(printed == [])
      #expect(spec == AWSStoreSpec(service: service, region: "eu-west-1"))
    }
  }

  @Test("every field is read, and the roles in the order in which they are assumed")
  func all() throws {
    let (spec, printed) = try load(
      """
      service: SecretsManager
      region: us-gov-west-1
      prefix: team/
      auth:
        secretRef:
          accessKeyIDSecretRef: {name: aws, key: id}
          secretAccessKeySecretRef: {name: aws, key: key, namespace: vault}
          sessionTokenSecretRef: {env: PATH}
      role: \(Self.role)
      additionalRoles: ["arn:aws:iam::1:role/first", "arn:aws:iam::2:role/second"]
      externalID: customer-7
      sessionTags: [{key: team, value: "7"}, {key: empty}]
      transitiveTagKeys: [team]
      endpoint: https://vpce-1.secretsmanager.us-gov-west-1.vpce.amazonaws.com
      stsEndpoint: http://127.0.0.1:4566
      """)
    #expect(printed.allSatisfy { $0.contains("until one does, this store cannot be used") })
    #expect(printed.count == 2)
    let tags = [AWSStoreSpec.Role.Tag(key: "team", value: "7"), AWSStoreSpec.Role.Tag(key: "empty", value: "")]
    #expect(
      spec
        == AWSStoreSpec(
          service: .secretsManager, region: "us-gov-west-1", prefix: "team/",
          authentication: .keys(
            accessKeyID: .secret(SecretKeySelector(namespace: "default", name: "aws", key: "id")),
            secretAccessKey: .secret(SecretKeySelector(namespace: "vault", name: "aws", key: "key")),
            sessionToken: .environment("PATH")),
          roles: [
            .init(arn: "arn:aws:iam::1:role/first"), .init(arn: "arn:aws:iam::2:role/second"),
            .init(arn: Self.role, externalID: "customer-7", sessionTags: tags, transitiveTagKeys: ["team"]),
          ],
          endpoint: BackendURL("https://vpce-1.secretsmanager.us-gov-west-1.vpce.amazonaws.com"),
          stsEndpoint: BackendURL("http://127.0.0.1:4566")))
  }

  @Test("web identity and profile are other ways to log in")
  func otherAuthentication() throws {
    let start = "service: ParameterStore\nregion: eu-west-1\nauth: "
    let web = "{webIdentity: {role: \"\(Self.role)\", tokenSecretRef: {file: /nonexistent/token}}}"
    let identity = try load(start + web)
    #expect(identity.0?.authentication == .webIdentity(role: Self.role, token: .file("/nonexistent/token")))
    let profile = try load(start + "{profile: {name: ops, file: /etc/aws}}")
    #expect(profile.0?.authentication == .profile(name: "ops", file: "/etc/aws"))
    let plain = try load(start + "{profile: {}}")
    #expect(plain.0?.authentication == .profile(name: nil, file: nil))
    #expect(identity.1.count == 1 && identity.1[0].contains("names no file of this machine"))
    #expect(profile.1 + plain.1 == [])
  }

  @Test(
    "what is wrong is told with its line and what to write",
    arguments: [
      ("service: S3\nregion: eu-west-1", "8: `spec.provider.aws.service` cannot be `S3`"),
      ("region: eu-west-1", "7: `spec.provider.aws.service` is missing; write one of `SecretsManager` and"),
      ("service: SecretsManager", "7: `spec.provider.aws.region` is missing"),
      ("service: SecretsManager\nregion: a.b/c", "9: `spec.provider.aws.region` `a.b/c` is no region"),
      ("service: SecretsManager\nregion: r\nauth: {}", "10: `spec.provider.aws.auth` must have one of"),
      (
        "service: SecretsManager\nregion: r\nauth: {jwt: {serviceAccountRef: {name: x}}}",
        "10: `spec.provider.aws.auth.jwt` is not served; have the service account's token projected"
      ),
      (
        "service: SecretsManager\nregion: r\nauth: {\(keys)}}",
        "10: `spec.provider.aws.auth.secretRef.secretAccessKeySecretRef` is missing"
      ),
      ("service: SecretsManager\nregion: r\nrole: reader", "10: `spec.provider.aws.role` `reader` is no role"),
      ("service: SecretsManager\nregion: r\nexternalID: x", "10: `spec.provider.aws.externalID` needs a"),
      (
        "service: SecretsManager\nregion: r\nendpoint: http://aws.example",
        "10: `spec.provider.aws.endpoint` must begin"
      ),
      (
        "service: SecretsManager\nregion: r\nendpoint: https://a.example/b", "10: `spec.provider.aws.endpoint` must end"
      ),
      ("service: SecretsManager\nregion: r\nprefixes: a", "10: unknown field `spec.provider.aws.prefixes`"),
    ])
  func faults(_ fields: String, _ expected: String) throws {
    let (spec, printed) = try load(fields)
    #expect(spec == nil)
    #expect(printed.contains { $0.hasPrefix("a.yaml:\(expected)") }, "\(printed)")
  }
}
