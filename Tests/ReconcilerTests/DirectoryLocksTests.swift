import Glibc
import TestSupport
import Testing

@testable import Reconciler

@Suite struct DirectoryLocksTests {
  private let root: TemporaryDirectory

  init() throws { root = try TemporaryDirectory() }

  private func failure(_ directories: [String]) -> DirectoryLockFailure? {
    do throws(DirectoryLockFailure) {
      _ = try DirectoryLocks(of: directories)
      return nil
    } catch {
      return error
    }
  }

  @Test("a directory is one holder's, and the next one's when it is let go of")
  func exclusive() throws {
    let (output, status) = (root.path + "/made/out", root.path + "/status")
    var held: DirectoryLocks? = try DirectoryLocks(of: [output, status])
    #expect(failure([output]) == .taken(output))
    #expect(failure([root.path + "/other", status]) == .taken(status))
    #expect(DirectoryLockFailure.taken(status).description.contains(" \(status);"))
    // What was taken before it failed is let go of.
    #expect(failure([root.path + "/other"]) == nil)
    withExtendedLifetime(held) {}
    held = nil
    #expect(failure([output, status]) == nil)
    var found = stat()
    #expect(stat(output, &found) == 0 && found.st_mode & 0o777 == 0o700)
    #expect(stat(output + "/.ese-agent.lock", &found) == 0 && found.st_mode & 0o777 == 0o600)
  }

  @Test("one directory under two names is taken once")
  func twice() throws {
    let output = root.path + "/out"
    #expect(failure([output, output]) == nil)
    #expect(symlink(output, root.path + "/link") == 0)
    #expect(failure([output, root.path + "/link"]) == nil)
  }

  @Test("one that cannot be made or written says why")
  func impossible() throws {
    try root.write("", to: "file")
    #expect(failure([root.path + "/file/out"])?.description.contains("/file/out") == true)
    // Whoever put a link there would have another file made.
    #expect(mkdir(root.path + "/out", 0o700) == 0)
    #expect(symlink(root.path + "/elsewhere", root.path + "/out/.ese-agent.lock") == 0)
    #expect(
      failure([root.path + "/out"])?.description.contains("cannot write \(root.path)/out/.ese-agent.lock") == true)
  }
}
