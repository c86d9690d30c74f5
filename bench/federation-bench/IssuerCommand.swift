import FederationAPI
import Glibc
import JSON
import LoadGenerator
import TestSupport

/// `federation-bench issuer`: a Kubernetes-like token issuer, and tokens that are there before they are needed.
enum IssuerCommand {
  static let usage = """
    usage: federation-bench issuer --directory DIR [--subjects M] [--tokens N] [--token-bytes B] [--fresh N]
      --directory DIR   where the files go, made when it is not there
      --subjects M      app-0 to app-(M-1), default 1
      --tokens N        tokens over the subjects in turn, default M
      --token-bytes B   about how long each is, default 900
      --fresh N         further tokens, for `run --new-tokens`, default 0
    Writes ca.crt, server.crt, server.key (for the server under test), url, issuer, tokens.txt and fresh.txt, prints
    `ready issuer=URL` and serves discovery and keys until SIGTERM.
    """

  static func run(_ arguments: [String], _ interruption: Interruption) async throws {
    let flags = try Arguments(
      arguments, flags: ["directory", "subjects", "tokens", "token-bytes", "fresh"])
    let directory = try flags.required("directory")
    let subjects = try flags.integer("subjects", in: 1...10_000_000) ?? 1
    let count = try flags.integer("tokens", in: 1...10_000_000) ?? subjects
    let size = try flags.integer("token-bytes", in: 700...16_000) ?? 900
    let fresh = try flags.integer("fresh", in: 0...10_000_000) ?? 0

    try ByteFile.makeDirectory(directory)
    let issuer = try OIDCIssuer(key: TestSigningKey(algorithm: .rs256))
    let mint = try TokenMint(issuer: issuer, subjects: subjects, tokenBytes: size)
    try ByteFile.write(try await mint.lines(0..<count), to: directory + "/tokens.txt")
    try ByteFile.write(try await mint.lines(count..<count + fresh), to: directory + "/fresh.txt")
    try ByteFile.write(issuer.caCertificates, to: directory + "/ca.crt")
    if let certificate = try issuer.server.authority?.issue(label: "federation") {
      try ByteFile.write(certificate.certificatePEM, to: directory + "/server.crt")
      try ByteFile.write(certificate.keyPEM, to: directory + "/server.key")
    }
    try ByteFile.write(Array((issuer.url + "\n").utf8), to: directory + "/url")
    try ByteFile.write(Array((issuer.issuer + "\n").utf8), to: directory + "/issuer")
    interruption.expect()
    print("ready issuer=\(issuer.url)")
    fflush(nil)
    await interruption.wait()
    await issuer.stop()
  }
}
