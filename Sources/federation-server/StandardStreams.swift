import CLinux
import FederationAPI

/// What a program is given on stdin.
enum StandardInput {
  /// Why there is no value.
  struct Failure: Error {
    var message: String
  }

  /// Everything up to the end of input, or a failure when that is more than `limit` bytes.
  static func read(limit: Int) -> Result<SecretBytes, Failure> {
    // One byte more than may come, so that a longer input shows; allocated once, so that there is one place to wipe.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: limit + 1, alignment: 1)
    defer {
      if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
      buffer.deallocate()
    }
    var count = 0
    while count <= limit {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
      let received = CLinux.read(STDIN_FILENO, rest.baseAddress, rest.count)
      if received < 0 && clinux_errno() == EINTR { continue }
      guard received >= 0 else {
        return .failure(Failure(message: "cannot read stdin: \(String(cString: strerror(clinux_errno())))"))
      }
      if received == 0 {
        return .success(SecretBytes(UnsafeRawBufferPointer(rebasing: buffer[..<count]).bytes))
      }
      count += received
    }
    return .failure(Failure(message: "the value on stdin has more than \(limit) bytes, which is the limit"))
  }
}

/// Where a program's answer goes.
enum StandardOutput {
  /// Writes all of `bytes`; false when the system refused, with errno set.
  static func write(_ bytes: RawSpan, to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var rest = buffer
      while rest.count > 0 {
        let written = CLinux.write(descriptor, rest.baseAddress, rest.count)
        if written < 0 && clinux_errno() == EINTR { continue }
        guard written > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      }
      return true
    }
  }
}
