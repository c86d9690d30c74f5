import FederationClient
import Glibc

/// Directories that no other agent of this machine writes to as long as this is held.
///
/// flock(2) on a file in each: the kernel lets go of it when the process ends, however it ends.
public final class DirectoryLocks: Sendable {
  private static let fileName = ".ese-agent.lock"

  private let files: [Int32]

  /// Takes each of `directories`, absolute paths, which are made when they are not there; one that is named twice is taken
  /// once. Throws when one cannot be locked, which is mostly because another agent has it.
  public init(of directories: [String]) throws(DirectoryLockFailure) {
    var files: [Int32] = []
    do throws(DirectoryLockFailure) {
      var known: [(device: dev_t, file: ino_t)] = []
      for directory in directories {
        let file = try Self.open(directory)
        files.append(file)
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .system("lock", directory) }
        // A second lock of the same file would wait for the first.
        if known.contains(where: { $0.device == status.st_dev && $0.file == status.st_ino }) { continue }
        known.append((status.st_dev, status.st_ino))
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
          throw errno == EWOULDBLOCK ? .taken(directory) : .system("lock", directory)
        }
      }
    } catch {
      for file in files { close(file) }
      throw error
    }
    self.files = files
  }

  deinit { for file in files { close(file) } }

  private static func open(_ directory: String) throws(DirectoryLockFailure) -> Int32 {
    let path = "\(directory == "/" ? "" : directory)/\(fileName)"
    do throws(InjectionError) { try FileDirectory.create(for: path, FileAttributes()) } catch {
      throw DirectoryLockFailure(description: error.message)
    }
    let file = Glibc.open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .system("write", path) }
    return file
  }
}

/// Why a directory cannot be an agent's own.
public struct DirectoryLockFailure: Error, Equatable, CustomStringConvertible {
  /// One sentence that says what is wrong and what to do.
  public let description: String

  static func taken(_ directory: String) -> DirectoryLockFailure {
    DirectoryLockFailure(
      description: "another ese-agent writes to \(directory); stop it, or give this one directories of its own")
  }

  static func system(_ doing: String, _ path: String) -> DirectoryLockFailure {
    DirectoryLockFailure(description: "cannot \(doing) \(path): \(String(cString: strerror(errno)))")
  }
}
