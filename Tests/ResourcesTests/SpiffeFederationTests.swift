import Crypto
import Foundation
import Resources
import TestSupport
import Testing

@Suite struct SpiffeFederationTests {
  private static let authority = Result { try TestCertificateAuthority() }

  /// The manifests, and what is said of them without the file's name.
  private func load(_ spec: String, _ more: String = "") throws -> (manifests: Manifests, messages: [String]) {
    try Example.load("SpiffeFederation", name: "mesh", spec, more)
  }

  @Test(
    "reads the trust domain's name, alone or behind its scheme", arguments: ["example.org", "spiffe://example.org"]
  )
  func trustDomain(text: String) throws {
    let (manifests, messages) = try load("{trustDomain: '\(text)'}")
    #expect(messages.isEmpty)
    let mesh = try #require(manifests.spiffeFederations.first)
    #expect(mesh.trustDomain == "example.org")
    #expect(mesh.bundle == .workloadAPI)
    #expect(manifests.federations.map(\.reference.description) == ["SpiffeFederation/mesh"])
  }

  @Test("reads a bundle from base64, from PEM or from a file")
  func bundle() throws {
    let pem = try Self.authority.get().certificatePEM
    let expected = try SPIFFETrustBundle(trustDomain: "example.org", pem: pem)
    let encoded = Data(pem).base64EncodedString()
    #expect(
      try load("{trustDomain: example.org, trustBundle: \(encoded)}").manifests.spiffeFederations.first?.bundle
        == .inline(expected))
    let block = String(decoding: pem, as: UTF8.self).split(separator: "\n").map { "    \($0)\n" }.joined()
    #expect(
      try load("\n  trustDomain: example.org\n  trustBundle: |\n\(block)").manifests.spiffeFederations.first?.bundle
        == .inline(expected))
    #expect(
      try load("{trustDomain: example.org, trustBundleFile: /run/bundle.pem}").manifests.spiffeFederations.first?.bundle
        == .file("/run/bundle.pem"))
  }

  @Test("says what is wrong with one, in its line")
  func faults() throws {
    let leaf = Data(try Self.authority.get().issue().certificatePEM).base64EncodedString()
    let good = Data(try Self.authority.get().certificatePEM).base64EncodedString()
    let cases = [
      (
        "{}",
        "4: `spec.trustDomain` is missing; write the name of the trust domain, for example `trustDomain: "
          + "example.org`"
      ),
      (
        "{trustDomain: Example.org}",
        "4: `spec.trustDomain` `Example.org` is no trust domain; write its name alone, in lower-case letters, digits, `.`, "
          + "`-` and `_`"
      ),
      (
        "{trustDomain: 'spiffe://example.org/app'}",
        "4: `spec.trustDomain` `spiffe://example.org/app` is no trust domain; write its name alone, in lower-case letters, "
          + "digits, `.`, `-` and `_`"
      ),
      (
        "\n  trustDomain: example.org\n  trustBundle: \(leaf)",
        "6: `spec.trustBundle` cannot be used: invalid certificate bundle: certificate 1 of the bundle is no certificate "
          + "authority's (CA:TRUE and keyCertSign); give the certificates of the trust domain's authorities, and no others"
      ),
      (
        "{trustDomain: example.org, trustBundle: '%'}",
        "4: `spec.trustBundle` is not base64; encode a PEM file with `base64 -w0 ca.crt`"
      ),
      (
        "\n  trustDomain: example.org\n  trustBundle: \(good)\n  trustBundleFile: /run/bundle.pem",
        "7: `spec.trustBundleFile` cannot stand beside `trustBundle`; remove one of them"
      ),
      (
        "{trustDomain: example.org, trustBundleFile: bundle.pem}",
        "4: `spec.trustBundleFile` must be an absolute path, for example `/run/bundle.pem`"
      ),
      (
        "{trustDomain: example.org, audiences: [a]}",
        "4: unknown field `spec.audiences`; the fields here are "
          + "`trustDomain`, `trustBundle` and `trustBundleFile`"
      ),
    ]
    for (spec, message) in cases {
      let (manifests, messages) = try load(spec)
      #expect(messages == [message])
      #expect(manifests.spiffeFederations.isEmpty)
    }
  }

  @Test("D25: warns of a grant for another trust domain than its federation's")
  func otherDomain() throws {
    let grant = """
      ---
      apiVersion: federation.external-secrets.io/v1alpha1
      kind: Authorization
      metadata: {name: app}
      spec:
        federationRef: {kind: SpiffeFederation, name: mesh}
        subject: {spiffe: {spiffeID: 'spiffe://example.com/a/ns/b/sa/c/d/pod/e/f'}}

      """
    #expect(
      try load("{trustDomain: example.org}", grant).messages == [
        "6: SpiffeFederation `mesh` is of the trust domain `example.org` and not `example.com`; until both are the same, "
          + "this grant has no effect"
      ])
    #expect(try load("{trustDomain: example.com}", grant).messages.isEmpty)
  }
}
