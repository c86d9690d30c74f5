import Crypto
import FederationAPI
import YAML

extension SpiffeFederation {
  private static let fields = ["trustDomain", "trustBundle", "trustBundleFile"]
  private static let scheme = "spiffe://"

  /// Reads the manifest's spec; nil when something in it was reported.
  init?(_ manifest: MappingReader, name: String, location: SourceLocation) {
    let advice = "write the name of the trust domain, for example `trustDomain: example.org`"
    guard let spec = manifest.mapping("spec", fields: Self.fields, advice) else { return nil }
    let domain = spec.string("trustDomain", advice)
      .flatMap { spec.checked($0, spec.name("trustDomain"), by: Self.trustDomain) }
    let bundle = Self.bundle(spec, of: domain)
    guard let domain, let bundle else { return nil }
    self.init(name: name, trustDomain: domain, bundle: bundle, location: location)
  }

  /// The bare name, which is also taken behind `spiffe://`.
  private static func trustDomain(_ text: String) -> Result<String, FieldFault> {
    let name = text.hasPrefix(scheme) ? String(text.dropFirst(scheme.count)) : text
    guard SPIFFEID.isTrustDomain(name) else {
      return .failure(
        FieldFault(
          "\(quoted(text)) is no trust domain; write its name alone, in lower-case letters, digits, `.`, `-` and `_`"))
    }
    return .success(name)
  }

  private static func bundle(_ spec: MappingReader, of domain: String?) -> Bundle? {
    let inline = spec.optional("trustBundle")
    guard let file = spec.optional("trustBundleFile") else {
      guard let inline else { return .workloadAPI }
      guard let text = spec.string(inline.value, spec.name("trustBundle"), emptyAdvice: "remove it"),
        let pem = spec.checked(text, spec.name("trustBundle"), by: { CABundle.decode($0, takesPEM: true) }),
        // Without a name of its own the certificates are still looked at, for their faults.
        let bundle = spec.checked(
          text, spec.name("trustBundle"), by: { _ in parsed(pem, of: domain ?? "unknown.example") })
      else { return nil }
      return .inline(bundle)
    }
    guard inline == nil else {
      spec.report.error(
        file.keyLine, "\(spec.name("trustBundleFile")) cannot stand beside `trustBundle`; remove one of them")
      return nil
    }
    let path = spec.string(file.value, spec.name("trustBundleFile"), emptyAdvice: "write a path, or remove it")
    guard let path else { return nil }
    guard path.value.hasPrefix("/"), path.value.utf8.count <= 4_096, !path.value.utf8.contains(0) else {
      spec.report.error(
        path.line, "\(spec.name("trustBundleFile")) must be an absolute path, for example `/run/bundle.pem`")
      return nil
    }
    return .file(path.value)
  }

  private static func parsed(_ pem: [UInt8], of domain: String) -> Result<SPIFFETrustBundle, FieldFault> {
    do throws(CryptoError) {
      return .success(try SPIFFETrustBundle(trustDomain: domain, pem: pem))
    } catch {
      return .failure(
        FieldFault("cannot be used: \(error); give the certificates of the trust domain's authorities, and no others"))
    }
  }
}
