import CLinux

/// Where one command's answers and complaints go.
struct CommandOutput {
  /// For example `federation-server secret`; begins every complaint.
  let command: String

  /// Says on stderr what is wrong.
  func report(_ message: String) { writeError("\(command): \(message)") }

  /// Writes an answer to stdout; false, and a complaint, when the system refused.
  func write(_ text: String) -> Bool { write(text.utf8.span.bytes) }

  /// As the other form, for bytes.
  func write(_ bytes: RawSpan) -> Bool {
    if StandardOutput.write(bytes, to: STDOUT_FILENO) { return true }
    report("cannot write to stdout: \(String(cString: strerror(clinux_errno())))")
    return false
  }
}
