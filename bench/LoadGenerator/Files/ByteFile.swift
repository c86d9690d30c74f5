import CLinux
import Glibc

/// Why the generator cannot do what it is asked; the text is for stderr.
package struct BenchError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, and where possible what to do.
  package let description: String

  /// Makes an error from its text.
  package init(_ description: String) { self.description = description }
}

/// Files as bytes.
package enum ByteFile {
  /// All of the file at `path`.
  package static func read(_ path: String) throws(BenchError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("read", path) }
    defer { close(descriptor) }
    var status = stat()
    // Files of /proc say that they are empty.
    let expected = fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    var bytes: [UInt8] = []
    bytes.reserveCapacity(expected)
    var chunk = [UInt8](repeating: 0, count: max(16_384, min(expected, 1 << 20)))
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, clinux_errno() == EINTR { continue }
      guard count >= 0 else { throw failure("read", path) }
      guard count > 0 else { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// Puts `bytes` in place of the file at `path`, readable by its owner only: it may hold tokens.
  package static func write(_ bytes: [UInt8], to path: String) throws(BenchError) {
    // A file of before keeps its mode, so it goes first.
    unlink(path)
    let descriptor = creat(path, 0o600)
    guard descriptor >= 0 else { throw failure("write", path) }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, clinux_errno() == EINTR { continue }
      guard count > 0 else { throw failure("write", path) }
      rest = rest.dropFirst(count)
    }
  }

  /// Makes the directory at `path` unless it is there; its parent must be.
  package static func makeDirectory(_ path: String) throws(BenchError) {
    guard mkdir(path, 0o700) == 0 || clinux_errno() == EEXIST else { throw failure("make", path) }
  }

  private static func failure(_ verb: String, _ path: String) -> BenchError {
    BenchError("cannot \(verb) \(path): \(String(cString: strerror(clinux_errno())))")
  }
}
