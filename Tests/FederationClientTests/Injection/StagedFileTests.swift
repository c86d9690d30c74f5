import FederationAPI
import Foundation
import Glibc
import TestSupport
import Testing

@testable import FederationClient

@Suite struct StagedFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func stage(_ path: String, _ text: String) throws -> StagedFile {
    try StagedFile(path: path, bytes: text.utf8.span.bytes)
  }

  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
  }

  @Test("a file has mode 0600 and its new parents 0700")
  func modes() throws {
    let path = directory.path + "/a/b/secret"
    try stage(path, "value").commit()
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "value")
    #expect(try mode(path) == 0o600)
    #expect(try mode(directory.path + "/a") == 0o700)
    #expect(try mode(directory.path + "/a/b") == 0o700)
  }

  @Test("the old content stands until the commit, and a commit narrows a file that all could read")
  func replacement() throws {
    let path = try directory.write("old", to: "secret")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    let staged = try stage(path, "new")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    try staged.commit()
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
    #expect(try mode(path) == 0o600)
  }

  @Test("nothing is left beside the file, committed or discarded")
  func noLeftovers() throws {
    try stage(directory.path + "/secret", "value").commit()
    try stage(directory.path + "/other", "value").discard()
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["secret"])
  }

  @Test("a symbolic link is replaced, and what it points to is not written")
  func symbolicLink() throws {
    let target = try directory.write("target", to: "target")
    let link = directory.path + "/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
    try stage(link, "value").commit()
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "target")
    #expect(try String(contentsOfFile: link, encoding: .utf8) == "value")
  }

  @Test("the mode is what was asked for, whatever the umask, and new directories let in who may read")
  func givenMode() throws {
    let path = directory.path + "/new/secret"
    try StagedFile(path: path, bytes: "v".utf8.span.bytes, attributes: FileAttributes(mode: 0o664)).commit()
    #expect(try mode(path) == 0o664)
    #expect(try mode(directory.path + "/new") == 0o711)
  }

  @Test("file and new directories belong to whom they were given", .enabled(if: geteuid() == 0))
  func givenOwner() throws {
    let path = directory.path + "/new/secret"
    let attributes = FileAttributes(mode: 0o640, user: 12_345, group: 23_456)
    try StagedFile(path: path, bytes: "v".utf8.span.bytes, attributes: attributes).commit()
    for place in [path, directory.path + "/new"] {
      let stamp = try FileStamp(place)
      #expect(stamp.user == 12_345 && stamp.group == 23_456)
    }
    #expect(try FileStamp(path).mode == 0o640)
  }

  @Test("a path that cannot be a file is refused by name")
  func refusals() throws {
    let file = try directory.write("", to: "file")
    for path in [directory.path, file + "/below"] {
      let error = #expect(throws: InjectionError.self) { try stage(path, "value") }
      #expect(error?.message.hasPrefix("cannot write \(path): ") == true)
    }
  }
}
