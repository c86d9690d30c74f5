import FederationAPI
import Glibc

/// A file's new content, on disk beside the place where it will stand.
///
/// Writing goes in two steps so that several files change together: all are staged, which is what can fail for
/// want of space or rights, then each is put in place by rename(2). A reader sees the old content or the new one.
public struct StagedFile: Sendable {
  private let temporaryPath: String
  private let path: String

  /// Writes `bytes` to a temporary file in the directory of `path`, mode 0600, and syncs it to disk.
  /// Missing directories are created with mode 0700.
  public init(path: String, bytes: RawSpan) throws(InjectionError) {
    self.path = path
    let directory = Self.parent(of: path)
    try Self.createDirectories(directory, for: path)
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw InjectionError("cannot write \(path): it is a directory; give the path of a file")
    }
    temporaryPath = "\(directory == "/" ? "" : directory)/.esi-\(String(UInt64.random(in: .min ... .max), radix: 16))"
    // O_EXCL and O_NOFOLLOW: nothing that somebody else put at this name is ever opened.
    let file = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Self.failure(path) }
    defer { close(file) }
    do throws(InjectionError) {
      // The umask may have taken bits that the owner needs.
      guard fchmod(file, 0o600) == 0, Self.write(bytes, to: file), fsync(file) == 0 else { throw Self.failure(path) }
    } catch {
      unlink(temporaryPath)
      throw error
    }
  }

  /// Puts the file in place of what stood at its path.
  public func commit() throws(InjectionError) {
    guard rename(temporaryPath, path) == 0 else {
      let error = Self.failure(path)
      discard()
      throw error
    }
    let directory = open(Self.parent(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }

  /// Removes the temporary file; what stood at the path stays.
  public func discard() { unlink(temporaryPath) }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  private static func createDirectories(_ directory: String, for path: String) throws(InjectionError) {
    var built = ""
    for part in directory.split(separator: "/") {
      built += "/\(part)"
      if mkdir(built, 0o700) != 0 && errno != EEXIST && access(built, X_OK) != 0 { throw failure(path) }
    }
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

  private static func failure(_ path: String) -> InjectionError {
    InjectionError("cannot write \(path): \(String(cString: strerror(errno)))")
  }
}
