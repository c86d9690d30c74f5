import Crypto
import FederationAPI
import TestSupport
import Testing

@Suite struct SVIDFilesTests {
  private let authority: TestCertificateAuthority
  private let directory: TemporaryDirectory
  private let files: SVIDFiles
  private let id = "spiffe://example.org/app"

  init() throws {
    authority = try TestCertificateAuthority()
    directory = try TemporaryDirectory()
    let paths = try authority.issueSVID(id).write(to: directory)
    files = SVIDFiles(
      certificate: paths.certificate, key: paths.key,
      bundle: try directory.write(authority.certificatePEM, to: "bundle.pem"))
  }

  @Test("gives the SVID with the bundle of its trust domain, and what replaced them")
  func read() throws {
    let first = try files.read(for: .client)
    #expect(first.svid.id == id)
    #expect(Array(first.bundles.keys) == ["example.org"])
    _ = try authority.issueSVID("spiffe://example.org/next").write(to: directory)
    #expect(try files.read(for: .client).svid.id == "spiffe://example.org/next")
    let bare = SVIDFiles(certificate: files.certificate, key: files.key)
    #expect(try bare.read(for: .client).bundles.isEmpty)
  }

  @Test("names the file at fault")
  func faults() throws {
    func refusal(_ change: (inout SVIDFiles) -> Void) throws -> RPCError {
      var changed = files
      change(&changed)
      return try #require(throws: RPCError.self) { try changed.read(for: .client) }
    }
    let missing = directory.path + "/missing.pem"
    let text = try directory.write("hello", to: "text.pem")
    for (path, member) in [
      (missing, \SVIDFiles.certificate), (missing, \.key), (text, \.certificate), (text, \.key),
      (files.key, \.certificate),
    ] as [(String, WritableKeyPath<SVIDFiles, String>)] {
      let error = try refusal { $0[keyPath: member] = path }
      #expect(error.code == .failedPrecondition)
      #expect(error.message.contains(path), "\(error)")
    }
    for path in [missing, text, files.certificate] {
      let error = try refusal { $0.bundle = path }
      #expect(error.message.contains("bundle file \(path)"), "\(error)")
    }
  }
}
