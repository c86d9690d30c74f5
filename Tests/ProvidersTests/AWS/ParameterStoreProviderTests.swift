import Foundation
import JSON
import SecretStores
import TestSupport
import Testing

@testable import Providers

@Suite struct ParameterStoreProviderTests {
  @Test("parameters of every type come whole and decrypted, up to AWS's 8 KiB")
  func values() async throws {
    let server = try await AWSServer()
    let provider = server.provider(.parameterStore)
    let parameters = [
      ("/app/plain", "String", "hunter2"), ("encrypted", "SecureString", "日本語 \u{1F511} \"\\\n"),
      ("list", "StringList", "a,b,c"), ("large", "SecureString", String(repeating: "x", count: 8_192)),
    ]
    for (name, type, value) in parameters {
      try await server.write(
        "PutParameter", ["Name": .string(name), "Type": .string(type), "Value": .string(value), "Tier": "Advanced"],
        to: .parameterStore)
      #expect(try await provider.text(name) == (value, "1"))
    }
  }

  @Test("an overwritten parameter is new at once, and old by its number")
  func versions() async throws {
    let server = try await AWSServer()
    let provider = server.provider(.parameterStore)
    for value in ["one", "two"] {
      try await server.write(
        "PutParameter", ["Name": "rotated", "Type": "SecureString", "Value": .string(value), "Overwrite": true],
        to: .parameterStore)
      #expect(try await provider.text("rotated").text == value)
    }
    #expect(try await provider.text("rotated") == ("two", "2"))
    #expect(try await provider.text("rotated", version: "1") == ("one", "1"))
    #expect(await provider.failure("rotated", version: "3") == .notFound)
    #expect(await provider.failure("missing") == .notFound)
  }

  @Test("all names are listed, below the prefix alone and without it")
  func list() async throws {
    let server = try await AWSServer()
    let names = (0..<53).map { "/team/\($0)" }
    for name in names + ["/other"] {
      try await server.write(
        "PutParameter", ["Name": .string(name), "Type": "String", "Value": "x"],
        to: .parameterStore)
    }
    let all = try await server.provider(.parameterStore).list(TagFilter(), limit: 1_000, deadline: .in(30))
    #expect(all.sorted() == (names + ["/other"]).sorted())
    let below = try await server.provider(.parameterStore, prefix: "/team/").list(
      TagFilter(), limit: 1_000, deadline: .in(30))
    #expect(Set(below) == Set((0..<53).map(String.init)))
    #expect(try await server.provider(.parameterStore, prefix: "/team/").text("7").text == "x")
  }

  @Test("whoever may not read is denied")
  func denied() async throws {
    let server = try await AWSServer()
    #expect(
      await server.provider(.parameterStore, as: "nobody").failure("a") == .denied(reason: "AWS answered AccessDenied"))
  }

  @Test("parameters are found by all of their tags, below the prefix alone; a tag without a value cannot be asked for")
  func tags() async throws {
    let server = try await AWSServer()
    let parameters: [(String, [String: String])] = [
      ("/team/a", ["team": "x", "env": "prod"]), ("/team/b", ["team": "x", "env": "production"]),
      ("/other", ["team": "x"]), ("/plain", [:]),
    ]
    for (name, tags) in parameters {
      let list = tags.map { JSONValue.object(["Key": .string($0), "Value": .string($1)]) }
      try await server.write(
        "PutParameter", ["Name": .string(name), "Type": "String", "Value": "v", "Tags": .array(list)],
        to: .parameterStore)
    }
    func found(_ tags: [String: String], prefix: String = "") async throws(BackendError) -> [String] {
      let filter = TagFilter(tags.map { SecretTag(key: $0, value: $1) })
      let provider = server.provider(.parameterStore, prefix: prefix)
      return try await provider.list(filter, limit: 1_000, deadline: .in(30)).sorted()
    }
    #expect(try await found(["team": "x", "env": "prod"]) == ["/team/a"])
    #expect(try await found(["team": "x"]) == ["/other", "/team/a", "/team/b"])
    #expect(try await found(["team": "x"], prefix: "/team/") == ["a", "b"])
    #expect(try await found(["team": "x", "none": "1"]) == [])
    let refusal = BackendError.invalid("cannot find by a tag without a value")
    await #expect(throws: refusal) { try await found(["team": ""]) }
  }
}
