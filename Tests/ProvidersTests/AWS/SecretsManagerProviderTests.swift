import FederationAPI
import Foundation
import JSON
import Resources
import SecretStores
import TestSupport
import Testing

@testable import Providers

@Suite struct SecretsManagerProviderTests {
  @Test("texts and binary values come whole, up to AWS's 64 KiB")
  func values() async throws {
    let server = try await AWSServer()
    let provider = server.provider()
    let texts = [
      "plain": "hunter2", "ünïcode/\"key\"": "日本語 \u{1F511} \"\\\n\u{0}",
      "large": String(repeating: "x", count: 65_536),
    ]
    for (name, text) in texts {
      try await server.write("CreateSecret", ["Name": .string(name), "SecretString": .string(text)])
      #expect(try await provider.text(name).text == text)
    }
    let bytes = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    try await server.write(
      "CreateSecret", ["Name": "binary", "SecretBinary": .string(Data(bytes).base64EncodedString())])
    guard
      case .value(let value, .some) = try await provider.fetch(
        ProviderKey(name: "binary"), known: nil, deadline: .in(30))
    else {
      Issue.record("no value, or one without a version")
      return
    }
    #expect(value == SecretBytes(bytes))
  }

  @Test("what is not there is not found: a key, one that was deleted, a version by label or ID")
  func missing() async throws {
    let server = try await AWSServer()
    let provider = server.provider()
    for name in ["there", "deleted"] {
      try await server.write("CreateSecret", ["Name": .string(name), "SecretString": "x"])
    }
    try await server.write("DeleteSecret", ["SecretId": "deleted"])
    #expect(await provider.failure("there") == nil)
    #expect(await provider.failure("missing") == .notFound)
    #expect(await provider.failure("deleted") == .notFound)
    #expect(await provider.failure("there", version: "AWSPREVIOUS") == .notFound)
    #expect(await provider.failure("there", version: "uuid/6a1f9c3e-6d3c-4cbd-a4f5-3f8d6c1b2a00") == .notFound)
  }

  @Test("a rotated secret is new at once, and old by its label and by its ID")
  func rotation() async throws {
    let server = try await AWSServer()
    let provider = server.provider()
    try await server.write("CreateSecret", ["Name": "rotated", "SecretString": "one"])
    let first = try await provider.text("rotated")
    #expect(first.text == "one")
    try await server.write("PutSecretValue", ["SecretId": "rotated", "SecretString": "two"])
    let second = try await provider.text("rotated")
    #expect(second.text == "two")
    #expect(first.version != second.version)
    #expect(try await provider.text("rotated", version: "AWSCURRENT").text == "two")
    #expect(try await provider.text("rotated", version: "AWSPREVIOUS").text == "one")
    let id = try #require(first.version)
    #expect(try await provider.text("rotated", version: "uuid/\(id)").text == "one")
  }

  @Test("all keys are listed, page by page, below the prefix alone and without it, up to the limit and one")
  func list() async throws {
    let server = try await AWSServer()
    let names = (0..<103).map { "team/\($0)" }
    for name in names + ["other"] {
      try await server.write("CreateSecret", ["Name": .string(name), "SecretString": "x"])
    }
    let all = try await server.provider().list(TagFilter(), limit: 1_000, deadline: .in(30))
    #expect(Set(all) == Set(names + ["other"]))
    #expect(all.count == 104)
    let below = try await server.provider(prefix: "team/").list(TagFilter(), limit: 1_000, deadline: .in(30))
    #expect(Set(below) == Set((0..<103).map(String.init)))
    #expect(try await server.provider(prefix: "team/").text("7").text == "x")
    #expect(try await server.provider().list(TagFilter(), limit: 5, deadline: .in(30)).count == 6)
  }

  @Test("secrets are found by all of their tags, compared whole; more than AWS takes filters for, and `!`, included")
  func tags() async throws {
    let server = try await AWSServer()
    let many = Dictionary(uniqueKeysWithValues: (0..<12).map { ("tag-\($0)", "value-\($0)") })
    let secrets: [(String, [String: String])] = [
      ("team/a", ["team": "x", "env": "prod"]), ("team/b", ["team": "x", "env": "production"]),
      ("other", ["team": "x"]), ("crossed", ["team": "prod", "env": "x"]), ("plain", [:]),
      ("odd", ["!team": "x", "note": ""]), ("many", many),
    ]
    for (name, tags) in secrets {
      let list = tags.map { JSONValue.object(["Key": .string($0), "Value": .string($1)]) }
      try await server.write(
        "CreateSecret", ["Name": .string(name), "SecretString": "v", "Tags": .array(list)])
    }
    func found(_ tags: [String: String], prefix: String = "") async throws -> [String] {
      let filter = TagFilter(tags.map { SecretTag(key: $0, value: $1) })
      return try await server.provider(prefix: prefix).list(filter, limit: 1_000, deadline: .in(30)).sorted()
    }
    #expect(server.provider().hasTags)
    #expect(try await found(["team": "x", "env": "prod"]) == ["team/a"])
    #expect(try await found(["team": "x"]) == ["other", "team/a", "team/b"])
    #expect(try await found(["team": "x"], prefix: "team/") == ["a", "b"])
    #expect(try await found(["team": "x", "none": "1"]) == [])
    #expect(try await found(["!team": "x"]) == ["odd"])
    #expect(try await found(["note": ""]) == ["odd"])
    #expect(try await found(many) == ["many"])
    #expect(try await found(many.merging(["tag-11": "other"]) { $1 }) == [])
  }

  @Test("whoever AWS does not know, or does not let read, is denied, without a word of AWS's")
  func denied() async throws {
    let server = try await AWSServer()
    try await server.write("CreateSecret", ["Name": "a", "SecretString": "x"])
    let reader = server.keys("reader")
    let cases = [
      ("AccessDenied", server.keys("nobody"), true),
      ("SignatureDoesNotMatch", AWSServer.Keys(id: reader.id, key: "wrong"), false),
      ("InvalidClientTokenId", AWSServer.Keys(id: "AKIAWRONG", key: reader.key), false),
    ]
    for (code, keys, isKnown) in cases {
      let provider = server.provider(with: keys)
      #expect(await provider.failure("a") == .denied(reason: "AWS answered \(code)"))
      do throws(BackendError) {
        let proof = try await provider.check(deadline: .in(30))
        #expect(isKnown && proof.doubt?.hasPrefix("it may not read `ese-federation-check`") == true)
      } catch {
        #expect(error == .denied(reason: "AWS answered \(code)"))
        #expect(!isKnown)
      }
    }
    #expect(
      try await server.provider().check(deadline: .in(30))
        == BackendProof("\(server.url.text) takes the credentials (GetSecretValue)"))
  }

  @Test("a check asks the service that has the values, and STS only where a role is assumed")
  func checkedService() async throws {
    let server = try await AWSServer()
    let closed = try ClosedPort()
    defer { withExtendedLifetime(closed) {} }
    let nobody = try #require(BackendURL("http://127.0.0.1:\(closed.port)"))
    for service in [AWSStoreSpec.Service.secretsManager, .parameterStore] {
      func provider(endpoint: BackendURL, sts: BackendURL) -> any Provider {
        let keys = server.keys("reader")
        let spec = AWSStoreSpec(
          service: service, region: "eu-west-1", prefix: "", authentication: .testKeys, roles: [], endpoint: endpoint,
          stsEndpoint: sts)
        return spec.provider(
          secrets: ProviderSecrets(ManifestSecrets(.testKeys(keys.id, keys.key))),
          environment: AWSEnvironment { _ in nil }, client: server.http)
      }
      #expect(try await provider(endpoint: server.url, sts: nobody).check(deadline: .in(30)).doubt == nil)
      await #expect(throws: BackendError.self) {
        try await provider(endpoint: nobody, sts: server.url).check(deadline: .in(30))
      }
    }
  }
}
