import FederationAPI
import Foundation
import TestSupport
import Testing

@testable import FederationClient

@Suite struct StagedFileSetTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func entries() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
  }

  @Test("all files change, and nothing is left beside them")
  func success() throws {
    let old = try directory.write("old", to: "a")
    try StagedFileSet.write([(old, SecretBytes("1")), (directory.path + "/b", SecretBytes("2"))], FileAttributes())
    #expect(try String(contentsOfFile: old, encoding: .utf8) == "1")
    #expect(try entries() == ["a", "b"])
  }

  @Test("when a file cannot be put in place, those before it are as they were, down to the inode")
  func takenBack() throws {
    let old = try directory.write("old", to: "a")
    let inode = try FileStamp(old)
    let made = directory.path + "/made"
    let blocked = try directory.write("x", to: "d/blocked")
    // Staged as a file, but a directory stands there when its turn to be renamed comes.
    let staged = try [(old, "1"), (made, "2"), (blocked, "3")].map {
      try StagedFile(path: $0.0, bytes: $0.1.utf8.span.bytes)
    }
    try FileManager.default.removeItem(atPath: blocked)
    try FileManager.default.createDirectory(atPath: blocked, withIntermediateDirectories: false)
    #expect(throws: InjectionError.self) { try StagedFileSet.commit(staged) }
    #expect(try String(contentsOfFile: old, encoding: .utf8) == "old")
    #expect(try FileStamp(old) == inode)
    #expect(try entries() == ["a", "d"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path + "/d") == ["blocked"])
  }

  @Test("when a file cannot be staged, none is changed")
  func notStaged() throws {
    let old = try directory.write("old", to: "a")
    let bad = old + "/below"
    #expect(throws: InjectionError.self) {
      try StagedFileSet.write([(old, SecretBytes("1")), (bad, SecretBytes("2"))], FileAttributes())
    }
    #expect(try String(contentsOfFile: old, encoding: .utf8) == "old")
    #expect(try entries() == ["a"])
  }
}
