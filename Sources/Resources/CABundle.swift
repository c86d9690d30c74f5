import FederationAPI
import FoundationEssentials

/// The rules for `caBundle` fields: base64 of PEM certificates, as Kubernetes writes them.
///
/// Only the framing is checked (RFC 7468); whether a block is a certificate is for those who use it.
public enum CABundle {
  /// The certificates in `text`, PEM or base64 of it; nil when there are none, or when something else is in it.
  public static func pem(_ text: String) -> [UInt8]? {
    if case .success(let pem) = decode(text, takesPEM: true) { pem } else { nil }
  }

  /// The PEM; `takesPEM` takes it as it is, too.
  static func decode(_ text: String, takesPEM: Bool = false) -> Result<[UInt8], FieldFault> {
    let how = "encode a PEM file with `base64 -w0 ca.crt`"
    func fault(_ text: String) -> Result<[UInt8], FieldFault> { .failure(FieldFault(text)) }

    let compact = text.utf8.filter { ![0x09, 0x0A, 0x0D, 0x20].contains($0) }
    let isPEM = compact.starts(with: "-----BEGIN".utf8)
    if isPEM && !takesPEM { return fault("holds PEM that is not base64-encoded; \(how)") }
    guard let data = isPEM ? Data(text.utf8) : Data(base64Encoded: Data(compact)) else {
      return fault("is not base64; \(how)")
    }
    guard data.count <= Limits.caCertificates else {
      return fault("is larger than \(Limits.caCertificates >> 10) KiB decoded; keep only the cluster's own CA")
    }

    var count = 0
    var body: [UInt8]?
    for line in data.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      if line.starts(with: "-----BEGIN ".utf8) {
        guard body == nil else { break }
        guard line.elementsEqual("-----BEGIN CERTIFICATE-----".utf8) else {
          return fault("must hold only certificates; remove every other PEM block")
        }
        body = []
        count += 1
      } else if line.starts(with: "-----END ".utf8), let encoded = body {
        guard line.elementsEqual("-----END CERTIFICATE-----".utf8), !encoded.isEmpty,
          Data(base64Encoded: Data(encoded)) != nil
        else { return fault("is damaged in certificate \(count); \(how)") }
        body = nil
      } else {
        body?.append(contentsOf: line)
      }
    }
    guard body == nil else { return fault("has no `-----END CERTIFICATE-----` for certificate \(count); \(how)") }
    guard count > 0 else { return fault("holds no `-----BEGIN CERTIFICATE-----`; \(how)") }
    return .success(Array(data))
  }
}
