import Crypto
import FederationAPI
import Foundation
import TestSupport
import Testing

/// Against OpenSSH itself.
@Suite struct OpenSSHTests {
  private func run(_ arguments: String..., stdin: String = "") async throws -> (ChildProgram.Exit, String) {
    let program = try ChildProgram(path: "/usr/bin/ssh-keygen", arguments: arguments, stdin: Array(stdin.utf8))
    let exit = await program.wait()
    return (exit, program.stdout.text + program.stderr.text)
  }

  private func key(_ name: String) throws -> PrivateKey {
    switch name {
    case "ed25519": try .generateEd25519()
    case "rsa4096": try .generateRSA(bits: 4_096)
    case "rsa3072": try .generateRSA(bits: 3_072)
    default: try .generateRSA()
    }
  }

  @Test(
    "ssh-keygen reads the key, finds the public half, signs and verifies",
    arguments: ["ed25519", "rsa2048", "rsa3072", "rsa4096"])
  func signs(_ name: String) async throws {
    let key = try key(name)
    let directory = try TemporaryDirectory()
    let comment = "someone@example.org, for tests"
    let file = try directory.write(try key.openSSHPrivateKey(comment: comment).copied, to: "id")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
    let line = try key.openSSHPublicKey(comment: comment)

    let (exit, read) = try await run("-y", "-f", file)
    #expect(exit == .status(0))
    #expect(read == line + "\n")

    try directory.write("someone \(line)\n", to: "signers")
    try directory.write("a message", to: "message")
    let signed = try await run("-Y", "sign", "-f", file, "-n", "test", directory.path + "/message")
    #expect(signed.0 == .status(0), "\(signed.1)")
    func verify(_ message: String) async throws -> ChildProgram.Exit {
      try await run(
        "-Y", "verify", "-f", directory.path + "/signers", "-I", "someone", "-n", "test", "-s",
        directory.path + "/message.sig", stdin: message
      ).0
    }
    #expect(try await verify("a message") == .status(0))
    #expect(try await verify("b message") != .status(0))
  }

  @Test("the form is that of OpenSSH's own files")
  func form() throws {
    let key = try PrivateKey.generateEd25519()
    let lines = try #require(try key.openSSHPrivateKey(comment: "").text).split(separator: "\n")
    #expect(lines.first == "-----BEGIN OPENSSH PRIVATE KEY-----")
    #expect(lines.last == "-----END OPENSSH PRIVATE KEY-----")
    #expect(lines.dropFirst().dropLast(2).allSatisfy { $0.count == 70 })
    #expect(try key.openSSHPublicKey(comment: "").split(separator: " ").count == 2)
    #expect(try key.openSSHPublicKey(comment: "").hasPrefix("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA"))
  }

  @Test("keys on curves of NIST are refused")
  func refused() throws {
    let key = try PrivateKey.generateEC(.p256)
    #expect(throws: CryptoError.self) { try key.openSSHPrivateKey(comment: "") }
    #expect(throws: CryptoError.self) { try key.openSSHPublicKey(comment: "") }
  }
}
