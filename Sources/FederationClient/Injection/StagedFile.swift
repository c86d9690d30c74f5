import FederationAPI
import Glibc

/// A file's new content, on disk beside the place where it will stand.
///
/// Writing goes in two steps so that several files change together: all are staged, which is what can fail for
/// want of space or rights, then each is put in place by rename(2). A reader sees the old content or the new one.
/// ``StagedFileSet`` does it for several files.
public final class StagedFile: Sendable {
  /// What stood at the path before.
  enum Previous: Sendable {
    case nothing
    /// It has a second name, by which it can be brought back.
    case kept
    /// It is gone, because the file system or its owner gives it no second name.
    case lost
  }

  let path: String
  private let directory: String
  private let temporaryPath: String
  private let keptPath: String
  /// Open and locked as long as the temporary file is in use, so that ``AbandonedFiles`` lets it be.
  private let file: Int32

  /// Writes `bytes` to a temporary file in the directory of `path` and syncs it to disk.
  /// Missing directories are created, closed to whoever may not read the file.
  public init(
    path: String, bytes: RawSpan, attributes: FileAttributes = FileAttributes()
  ) throws(InjectionError) {
    self.path = path
    directory = FileDirectory.of(path)
    try FileDirectory.create(for: path, attributes)
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw InjectionError("cannot write \(path): it is a directory; give the path of a file")
    }
    let name = TemporaryName()
    let parent = directory == "/" ? "" : directory
    temporaryPath = "\(parent)/\(name.staged)"
    keptPath = "\(parent)/\(name.kept)"
    // O_EXCL and O_NOFOLLOW: nothing that somebody else put at this name is ever opened.
    file = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .system("write \(path)") }
    do throws(InjectionError) {
      _ = flock(file, LOCK_EX | LOCK_NB)
      // Before the content: nobody opens the empty file who may not read the full one.
      try attributes.apply(to: file, path: path)
      guard Self.write(bytes, to: file), fsync(file) == 0 else { throw .system("write \(path)") }
      try attributes.checkReadable(temporaryPath, path: path)
    } catch {
      unlink(temporaryPath)
      throw error
    }
  }

  deinit { if file >= 0 { close(file) } }

  /// Puts the file in place of what stood at its path.
  public func commit() throws(InjectionError) { finish(try place()) }

  /// Removes the temporary file; what stood at the path stays.
  public func discard() { unlink(temporaryPath) }

  /// Puts the file in place; ``takeBack(_:)`` or ``finish(_:)`` has to follow.
  func place() throws(InjectionError) -> Previous {
    // link(2) gives a symbolic link itself a second name, which is what rename(2) replaces.
    let previous: Previous = link(path, keptPath) == 0 ? .kept : errno == ENOENT ? .nothing : .lost
    guard rename(temporaryPath, path) == 0 else {
      let error = InjectionError.system("write \(path)")
      discard()
      unlink(keptPath)
      throw error
    }
    return previous
  }

  /// Has `previous` stand at the path again, where that is possible.
  func takeBack(_ previous: Previous) {
    switch previous {
    case .nothing: unlink(path)
    case .kept: _ = rename(keptPath, path)
    case .lost: break
    }
  }

  /// Lets go of what stood at the path before.
  func finish(_ previous: Previous) {
    if case .kept = previous { unlink(keptPath) }
    FileDirectory.sync(directory)
  }

  private static func write(_ bytes: RawSpan, to file: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let written = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else { return false }
        rest = rest.dropFirst(written)
      }
      return true
    }
  }
}
