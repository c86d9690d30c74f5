import FederationAPI
import Foundation
import TestSupport
import Testing

@testable import Generators

@Suite struct FakeGeneratorTests {
  @Test("gives what stands in its manifest")
  func values() async throws {
    let bench = try GeneratorBench("Fake", "data: {user: alice, password: \"hunter2\\n\", empty: ''}")
    #expect(try await bench.values() == ["user": "alice", "password": "hunter2\n", "empty": ""])
  }
}

@Suite struct UUIDGeneratorTests {
  @Test("gives a UUID of version 4 in lower case, another each time")
  func random() async throws {
    let bench = try GeneratorBench("UUID", "{}")
    var seen: Set<String> = []
    for _ in 0..<100 {
      let values = try await bench.values()
      #expect(Array(values.keys) == ["uuid"])
      let text = try #require(values["uuid"])
      #expect(text.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
      #expect(UUID(uuidString: text) != nil)
      seen.insert(text)
    }
    #expect(seen.count == 100)
  }

  @Test("all bits but six are random ones")
  func bits() {
    #expect(UUIDGenerator.text(Array(repeating: 0, count: 16)).text == "00000000-0000-4000-8000-000000000000")
    #expect(UUIDGenerator.text(Array(repeating: 255, count: 16)).text == "ffffffff-ffff-4fff-bfff-ffffffffffff")
    #expect(UUIDGenerator.text(Array(0..<16)).text == "00010203-0405-4607-8809-0a0b0c0d0e0f")
  }
}

@Suite struct BasicAuthGeneratorTests {
  @Test("by default a word of eight letters, and a password of 24 characters")
  func defaults() async throws {
    let bench = try GeneratorBench("BasicAuth", "{}")
    let first = try await bench.values()
    #expect(first.keys.sorted() == ["password", "username"])
    #expect(first["username"]?.wholeMatch(of: /[a-z]{8}/) != nil)
    #expect(first["password"]?.utf8.count == 24)
    let second = try await bench.values()
    #expect(first["username"] != second["username"])
    #expect(first["password"] != second["password"])
  }

  @Test("prefix, words, suffix and digits come in that order")
  func all() async throws {
    let bench = try GeneratorBench(
      "BasicAuth",
      "username: {length: 3, prefix: p-, sufix: -s, wordCount: 2, separator: ., includeNumbers: true}\n"
        + "password: {length: 7, digits: 7, symbols: 0}")
    for _ in 0..<20 {
      let values = try await bench.values()
      #expect(values["username"]?.wholeMatch(of: /p-[a-z]{3}\.[a-z]{3}-s[0-9]{4}/) != nil)
      #expect(values["password"]?.wholeMatch(of: /[0-9]{7}/) != nil)
    }
  }
}

@Suite struct SSHKeyGeneratorTests {
  @Test(
    "gives a pair that ssh-keygen takes",
    arguments: [
      ("{}", "2048 "), ("{keySize: 3072, comment: 'a b'}", "3072 "), ("{keyType: ed25519, comment: x@y}", "256 "),
    ])
  func pair(_ spec: String, _ bits: String) async throws {
    let values = try await GeneratorBench("SSHKey", spec).values()
    #expect(values.keys.sorted() == ["privateKey", "publicKey"])
    let directory = try TemporaryDirectory()
    let file = try directory.write(try #require(values["privateKey"]), to: "id")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    let read = try ChildProgram(path: "/usr/bin/ssh-keygen", arguments: ["-y", "-f", file])
    #expect(await read.wait() == .status(0))
    #expect(read.stdout.text == values["publicKey"].map { $0 + "\n" })
    let shown = try ChildProgram(path: "/usr/bin/ssh-keygen", arguments: ["-l", "-f", file])
    #expect(await shown.wait() == .status(0))
    #expect(shown.stdout.text.hasPrefix(bits))
  }
}
