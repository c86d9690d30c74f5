import FederationAPI
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct BoundedFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func refusal(_ path: String, isOwn: Bool = false) throws -> String {
    let error = try #require(throws: RPCError.self) {
      try BoundedFile.read(path, limit: 5, purpose: "token file", isOwn: isOwn)
    }
    #expect(error.code == .failedPrecondition)
    return error.message
  }

  @Test("gives a file's bytes up to the limit, and nothing for none")
  func regular() throws {
    let path = try directory.write("12345", to: "token")
    #expect(try BoundedFile.read(path, limit: 5, purpose: "token file") == Array("12345".utf8))
    #expect(try BoundedFile.read(path + "/below", limit: 5, purpose: "token file") == nil)
    #expect(try BoundedFile.read(directory.path + "/none", limit: 5, purpose: "token file") == nil)
    let longer = try directory.write("123456", to: "longer")
    #expect(try refusal(longer) == "the token file \(longer) is longer than 5 bytes")
  }

  @Test("an own file is not read through a link, another is")
  func links() throws {
    let path = directory.path + "/link"
    #expect(symlink(try directory.write("x", to: "target"), path) == 0)
    #expect(try BoundedFile.read(path, limit: 5, purpose: "token file") == Array("x".utf8))
    #expect(try refusal(path, isOwn: true).contains("cannot read the token file \(path)"))
  }

  @Test("a private file that others have a right to is refused with the command that helps", arguments: [0o640, 0o601])
  func openToOthers(mode: mode_t) throws {
    let path = try directory.write("x", to: "key")
    #expect(chmod(path, mode) == 0)
    #expect(try BoundedFile.read(path, limit: 5, purpose: "key file") == Array("x".utf8))
    let error = #expect(throws: RPCError.self) {
      try BoundedFile.read(path, limit: 5, purpose: "key file", isPrivate: true)
    }
    #expect(error?.message == "the key file \(path) is open to others than its owner: run chmod 600 \(path)")
    #expect(chmod(path, 0o600) == 0)
    #expect(try BoundedFile.read(path, limit: 5, purpose: "key file", isPrivate: true) == Array("x".utf8))
  }

  @Test("a pipe, a device and a directory are refused at once, whatever is in them", arguments: [false, true])
  func notRegular(isOwn: Bool) throws {
    let pipe = directory.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    let writer = open(pipe, O_RDWR | O_CLOEXEC)
    #expect(write(writer, "1234567890", 10) == 10)
    // The full pipe comes before the one that nobody writes to: who reads pipes is found out without being held.
    let reason = try refusal(pipe, isOwn: isOwn)
    try #require(reason == "the token file \(pipe) is not a regular file; put one there, or give the path of one")
    close(writer)
    for path in [pipe, "/dev/zero", directory.path] {
      #expect(try refusal(path, isOwn: isOwn).contains("is not a regular file"))
    }
  }
}
