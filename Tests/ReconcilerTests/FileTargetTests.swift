import Resources
import FederationAPI
import Foundation
import Glibc
import TestSupport
import Testing

@testable import Reconciler

/// Secrets as files of one directory.
@Suite struct FileTargetTests {
  private let directory: TemporaryDirectory
  private let target: FileTarget
  private let name = ResourceName(namespace: "demo", name: "login")

  init() throws {
    directory = try TemporaryDirectory()
    target = FileTarget(directory: directory.path + "/out")
  }

  private func code(_ body: () async throws -> Void) async -> StatusCode? {
    do { try await body() } catch { return (error as? RPCError)?.code }
    return nil
  }

  @Test("writes, reads, replaces and deletes, at the revision that was read")
  func lifecycle() async throws {
    #expect(try await target.secret(name) == nil)
    try await target.write(TargetSecret(name: name, data: ["k": SecretBytes("1")]))
    var read = try #require(try await target.secret(name))
    #expect(read.data == ["k": SecretBytes("1")])
    // Another file stands there now: one that was new may not replace it, nor one of another revision.
    #expect(await code { try await target.write(TargetSecret(name: name)) } == .aborted)
    read.data["k"] = SecretBytes("2")
    let stale = read
    try await target.write(read)
    #expect(await code { try await target.write(stale) } == .aborted)
    #expect(await code { try await target.delete(stale) } == .aborted)
    try await target.delete(try #require(try await target.secret(name)))
    #expect(try await target.secret(name) == nil)
    try await target.delete(stale)
  }

  @Test(
    "names that lead elsewhere are refused",
    arguments: [
      ("..", "x"), ("demo", ".."), ("demo", "../x"), ("a/b", "x"), ("demo", ""), ("demo", ".hidden"), ("", "x"),
      ("demo", "a\0b"), ("demo", "A"), ("demo", String(repeating: "a", count: 241)),
    ])
  func names(namespace: String, name: String) async throws {
    let bad = ResourceName(namespace: namespace, name: name)
    #expect(await code { try await target.write(TargetSecret(name: bad)) } == .failedPrecondition)
    #expect(await code { _ = try await target.secret(bad) } == .failedPrecondition)
    #expect(!FileManager.default.fileExists(atPath: directory.path + "/out"))
  }

  @Test("a link in a namespace's place is not followed, nor one in a file's")
  func links() async throws {
    let elsewhere = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: directory.path + "/out", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: directory.path + "/out/demo", withDestinationPath: elsewhere.path)
    #expect(await code { try await target.write(TargetSecret(name: name)) } == .failedPrecondition)
    #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path) == [])
    let other = ResourceName(namespace: "other", name: "login")
    try directory.write("kind: Secret\n", to: "mine.yaml")
    try FileManager.default.createDirectory(atPath: directory.path + "/out/other", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: directory.path + "/out/other/login.yaml", withDestinationPath: directory.path + "/mine.yaml")
    #expect(await code { _ = try await target.secret(other) } == .failedPrecondition)
  }

  @Test("what is no manifest of the format is left alone")
  func foreign() async throws {
    try directory.write("something else", to: "out/demo/login.yaml")
    #expect(await code { _ = try await target.secret(name) } == .failedPrecondition)
    #expect(await code { try await target.write(TargetSecret(name: name)) } == .aborted)
    #expect(try String(contentsOfFile: directory.path + "/out/demo/login.yaml", encoding: .utf8) == "something else")
  }

  @Test("owners are found by what they own")
  func owners() async throws {
    var owned = TargetSecret(name: name)
    owned.owner = SecretOwner(name: "db")
    try await target.write(owned)
    try await target.write(TargetSecret(name: ResourceName(namespace: "demo", name: "free")))
    #expect(await target.owners() == [ResourceName(namespace: "demo", name: "db")])
    let found = try await target.secrets(ownedBy: ResourceName(namespace: "demo", name: "db"))
    #expect(found.map(\.name) == [name])
    #expect(try await target.secrets(ownedBy: ResourceName(namespace: "other", name: "db")).isEmpty)
  }
}
