import FederationAPI
import Foundation
import Glibc
import TestSupport
import Testing

@testable import FederationClient

@Suite struct AbandonedFilesTests {
  private let directory: TemporaryDirectory
  private let secret: String

  init() throws {
    directory = try TemporaryDirectory()
    secret = try directory.write("value", to: "secret")
  }

  private func entries() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
  }

  @Test("what a killed process left is removed, links included, and nothing with another name")
  func names() throws {
    for name in [".esi-1", ".esi-ffffffffffffffff", ".esi-0a-old"] { try directory.write("x", to: name) }
    try FileManager.default.createSymbolicLink(atPath: directory.path + "/.esi-2-old", withDestinationPath: secret)
    let others = [".esi-", ".esi-XY", ".esi-1-new", ".esi-11111111111111111", ".esi-config", "esi-1"]
    for name in others { try directory.write("x", to: name) }
    try FileManager.default.createDirectory(atPath: directory.path + "/.esi-3", withIntermediateDirectories: false)
    AbandonedFiles.remove(beside: [secret, "/none/at/all"], FileAttributes())
    #expect(try entries() == (others + [".esi-3", "secret"]).sorted())
  }

  @Test("a file that is being written stays, and goes once its writer is gone")
  func inUse() throws {
    do {
      let staged = try StagedFile(path: secret, bytes: "new".utf8.span.bytes)
      AbandonedFiles.remove(beside: [secret], FileAttributes())
      try staged.commit()
    }
    #expect(try String(contentsOfFile: secret, encoding: .utf8) == "new")
    do { _ = try StagedFile(path: secret, bytes: "newer".utf8.span.bytes) }
    #expect(try entries().count == 2)
    AbandonedFiles.remove(beside: [secret], FileAttributes())
    #expect(try entries() == ["secret"])
  }

  @Test("another user's file stays, unless files are given to that user", .enabled(if: geteuid() == 0))
  func owners() throws {
    let file = try directory.write("x", to: ".esi-1")
    chown(file, 12_345, 12_345)
    AbandonedFiles.remove(beside: [secret], FileAttributes())
    #expect(try entries().count == 2)
    AbandonedFiles.remove(beside: [secret], FileAttributes(user: 12_345))
    #expect(try entries() == ["secret"])
  }
}
