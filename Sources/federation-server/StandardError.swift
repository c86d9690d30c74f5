import CLinux

/// Writes a line for a person to stderr.
func writeError(_ text: String) {
  _ = StandardOutput.write((text + "\n").utf8.span.bytes, to: STDERR_FILENO)
}
