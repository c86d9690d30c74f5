import Foundation
import Testing

@testable import Resources

@Suite struct FederationURLTests {
  private func fault(_ url: String) -> String? {
    if case .failure(let fault) = FederationURL.check(url) { fault.text } else { nil }
  }

  @Test(
    "https URLs with a host are taken, slashes at the end cut",
    arguments: [
      ("https://10.0.0.1:6443", "https://10.0.0.1:6443"), ("https://api.example.org/", "https://api.example.org"),
      ("https://[2001:db8::1]:443", "https://[2001:db8::1]:443"), ("https://[::1]", "https://[::1]"),
      ("https://Host/k8s/clusters/c-1%20x//", "https://Host/k8s/clusters/c-1%20x"),
    ])
  func good(_ url: String, _ expected: String) throws {
    #expect(try FederationURL.check(url).get() == expected)
  }

  @Test(
    "what could send a token astray is refused with advice",
    arguments: [
      ("http://10.0.0.1", "http would show tokens"), ("HTTP://x", "must begin with `https://`"),
      ("10.0.0.1:6443", "must begin with `https://`, for example"), ("https://", "must name a host"),
      ("https:///path", "must name a host"), ("https://:443", "must name a host"),
      ("https://a@b", "no user and no password"), ("https://a:b@c:1", "no user and no password"),
      ("https://a?b", "no query"), ("https://a#b", "no fragment"), ("https://a/ b", "no URL may hold"),
      ("https://a/\u{E9}", "no URL may hold"), ("https://a\\b", "no URL may hold"), ("https://a:0", "port"),
      ("https://a:65536", "port"), ("https://a:", "port"), ("https://a:1:2", "port"), ("https://a:x", "port"),
      ("https://[::1", "must name a host"), ("https://[x]", "must name a host"), ("https://a_b", "must name a host"),
      ("https://-a", "must name a host"), ("https://::1", "port"), ("https://a..b", "must name a host"),
      ("https://[::1]x:1", "must name a host"),
    ])
  func bad(_ url: String, _ expected: String) {
    #expect(fault(url)?.contains(expected) == true, "\(fault(url) ?? "taken")")
  }

  @Test("a URL over 2048 bytes is refused")
  func tooLong() {
    #expect(fault("https://a/" + String(repeating: "x", count: 2038)) == nil)
    #expect(fault("https://a/" + String(repeating: "x", count: 2039)) == "must not be longer than 2048 bytes")
  }
}

@Suite struct CABundleTests {
  private func result(_ pem: String) -> String {
    switch CABundle.decode(Data(pem.utf8).base64EncodedString()) {
    case .success(let bytes): String(decoding: bytes, as: UTF8.self)
    case .failure(let fault): fault.text
    }
  }

  @Test("every certificate is kept as it stands, text around the blocks too")
  func good() {
    let pem = "# root\n" + Example.pem(certificates: 3) + "\n# end\n"
    #expect(result(pem) == pem)
    let windows = pem.replacingOccurrences(of: "\n", with: "\r\n")
    #expect(result(windows) == windows)
  }

  @Test("what is no bundle of certificates is refused with advice")
  func bad() {
    let pem = Example.pem(certificates: 1)
    let how = "encode a PEM file with `base64 -w0 ca.crt`"
    #expect(result("") == "holds no `-----BEGIN CERTIFICATE-----`; \(how)")
    #expect(result("MIIB") == "holds no `-----BEGIN CERTIFICATE-----`; \(how)")
    #expect(
      result(pem.replacingOccurrences(of: "CERTIFICATE", with: "PRIVATE KEY"))
        == "must hold only certificates; remove every other PEM block")
    #expect(
      result(pem + pem.replacingOccurrences(of: "-----END CERTIFICATE-----\n", with: ""))
        == "has no `-----END CERTIFICATE-----` for certificate 2; \(how)")
    #expect(
      result(pem.replacingOccurrences(of: "-----END CERTIFICATE-----\n", with: "") + pem)
        == "has no `-----END CERTIFICATE-----` for certificate 1; \(how)")
    #expect(
      result(pem + "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n")
        == "is damaged in certificate 2; \(how)")
    #expect(
      result("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n") == "is damaged in certificate 1; \(how)")
    let large = Example.pem(certificates: 400)
    #expect(result(large) == "is larger than 64 KiB decoded; keep only the cluster's own CA")
  }
}

@Suite struct KubernetesNameTests {
  @Test("names of objects are DNS subdomains of at most 253 bytes")
  func subdomains() {
    for name in ["a", "a-b", "a.b", "0", "vault-a.team1"] { #expect(KubernetesName.isSubdomain(name), "\(name)") }
    for name in ["", "A", "a_b", "-a", "a-", ".a", "a.", "a..b", "a/b", "caf\u{E9}", "a b", "\u{212A}"] {
      #expect(!KubernetesName.isSubdomain(name), "\(name)")
    }
    #expect(KubernetesName.isSubdomain(String(repeating: "a", count: 253)))
    #expect(!KubernetesName.isSubdomain(String(repeating: "a", count: 254)))
  }

  @Test("namespaces are DNS labels of at most 63 bytes, kinds begin with a capital")
  func labelsAndKinds() {
    #expect(KubernetesName.isLabel(String(repeating: "a", count: 63)))
    #expect(!KubernetesName.isLabel(String(repeating: "a", count: 64)))
    #expect(!KubernetesName.isLabel("a.b"))
    #expect(KubernetesName.isKind("ECRAuthorizationToken"))
    for kind in ["", "password", "Pass-word", "1P"] { #expect(!KubernetesName.isKind(kind), "\(kind)") }
  }
}

@Suite struct SuggestionTests {
  private let fields = ["url", "audiences", "caBundle", "allowedClusterSecretStores"]

  @Test("a slip of the keyboard is recognised, another word is not")
  func nearest() {
    let meant = [
      "urll": "url", "ulr": "url", "URL": "url", "audience": "audiences", "cabundle": "caBundle",
      "caBundel": "caBundle",
      "allowedSecretStores": "allowedClusterSecretStores",
    ]
    for (word, field) in meant { #expect(Suggestion.nearest(to: word, among: fields) == field, "\(word)") }
    for word in ["", "x", "name", "insecure", String(repeating: "url", count: 30)] {
      #expect(Suggestion.nearest(to: word, among: fields) == nil, "\(word)")
    }
  }
}
