import Glibc
import TestSupport

// A Kubernetes-like token issuer for `make demo` and shell-driven tests.

/// Serves until SIGTERM or SIGINT; the issuer's own files are gone when this returns.
func serve(_ options: IssuerOptions) throws {
  // Blocked before any thread starts, so that every thread inherits it and sigwait is the one that sees them.
  var signals = sigset_t()
  sigemptyset(&signals)
  sigaddset(&signals, SIGTERM)
  sigaddset(&signals, SIGINT)
  pthread_sigmask(SIG_BLOCK, &signals, nil)

  let issuer = try OIDCIssuer(issuer: options.issuer)
  try OIDCIssuerFiles(issuer: issuer, directory: options.directory)
    .write(subject: options.subject, audiences: options.audiences)
  print("ready issuer=\(issuer.url)")
  fflush(nil)
  var received: Int32 = 0
  _ = withExtendedLifetime(issuer) { sigwait(&signals, &received) }
}

if CommandLine.arguments.dropFirst().elementsEqual(["--help"]) {
  print(IssuerOptions.usage)
  exit(0)
}
do {
  try serve(try IssuerOptions(arguments: Array(CommandLine.arguments.dropFirst())))
} catch {
  let reason = (error as? IssuerOptions.Invalid)?.message ?? "\(error)"
  let line = Array("test-oidc-issuer: \(reason)\n".utf8)
  _ = write(2, line, line.count)
  exit(2)
}
