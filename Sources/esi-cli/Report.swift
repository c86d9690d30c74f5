import Glibc

/// Writes one line to stderr, where nothing is buffered that an exec or an end would lose.
func report(_ message: String) {
  let line = "esi-cli: \(message)\n"
  _ = line.withCString { write(2, $0, strlen($0)) }
}
