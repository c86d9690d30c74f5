import FederationClient
import Glibc

/// Writes one line to stderr, where nothing is buffered that an exec or an end would lose.
func report(_ message: String) {
  let line = "esi-cli: \(message)\n"
  _ = line.withCString { write(2, $0, strlen($0)) }
}

/// Warns that the server gave an older value.
@Sendable func reportStale(_ secret: SecretName, _ seconds: UInt32) {
  report(
    "warning: \(secret.store)/\(secret.key) is \(seconds) s past its refresh: its backend does not answer")
}
