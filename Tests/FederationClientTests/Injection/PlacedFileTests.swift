import FederationAPI
import Foundation
import Glibc
import TestSupport
import Testing

@testable import FederationClient

@Suite struct PlacedFileTests {
  private let directory: TemporaryDirectory
  private let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = try directory.write("value", to: "secret")
    chmod(path, 0o600)
  }

  private func isCurrent(
    _ text: String = "value", _ attributes: FileAttributes = FileAttributes(), path: String? = nil
  ) -> Bool {
    PlacedFile.isCurrent(path ?? self.path, bytes: text.utf8.span.bytes, attributes)
  }

  @Test("the same bytes with the same mode and owner are current, whatever their number")
  func same() throws {
    #expect(isCurrent())
    #expect(isCurrent("value", FileAttributes(user: geteuid(), group: getegid())))
    for count in [0, 65_535, 65_536, 200_000] {
      let text = String(repeating: "x", count: count)
      let file = try directory.write(text, to: "long")
      chmod(file, 0o600)
      #expect(isCurrent(text, path: file))
      #expect(count == 0 || !isCurrent(text.dropLast() + "y", path: file))
    }
  }

  @Test(
    "other bytes, another length, mode, user or group are not",
    arguments: [
      ("valuE", FileAttributes()), ("valu", FileAttributes()), ("values", FileAttributes()), ("", FileAttributes()),
      ("value", FileAttributes(mode: 0o640)), ("value", FileAttributes(user: geteuid() + 1)),
      ("value", FileAttributes(group: getegid() + 1)),
    ])
  func other(text: String, attributes: FileAttributes) { #expect(!isCurrent(text, attributes)) }

  @Test("neither is what is no plain file, even one that reads the same")
  func noPlainFile() throws {
    let link = directory.path + "/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
    let pipe = directory.path + "/pipe"
    mkfifo(pipe, 0o600)
    for other in [link, pipe, directory.path, directory.path + "/none"] { #expect(!isCurrent(path: other)) }
    #expect(!isCurrent("", path: pipe))
  }
}
