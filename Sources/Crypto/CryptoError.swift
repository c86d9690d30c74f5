/// Why a cryptographic operation was refused. No case carries key material or plaintext.
public enum CryptoError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Key material of the wrong kind, size or form.
  case invalidKey(String)
  /// A PEM bundle that is not a list of X.509 certificates.
  case invalidCertificates(String)
  /// A certificate that is no X.509-SVID of a workload, or none for what it is used for.
  case invalidSVID(String)
  /// An X.509-SVID that no authority of its trust domain's bundle vouches for.
  case untrustedSVID(String)
  /// An X.509-SVID, or an authority above it, whose time is over.
  case expiredSVID(String)
  /// Sealed bytes that are cut short, were changed, or were sealed under another key or context.
  case authenticationFailed
  /// OpenSSL failed at something that can only fail for lack of memory or of entropy.
  case libraryFailure(String)

  /// One sentence without a full stop.
  public var description: String {
    switch self {
    case .invalidKey(let reason): "invalid key: \(reason)"
    case .invalidCertificates(let reason): "invalid certificate bundle: \(reason)"
    case .invalidSVID(let reason): "invalid X.509-SVID: \(reason)"
    case .untrustedSVID(let reason): "untrusted X.509-SVID: \(reason)"
    case .expiredSVID(let reason): "expired X.509-SVID: \(reason)"
    case .authenticationFailed: "the sealed bytes were changed or belong to another key"
    case .libraryFailure(let operation): "OpenSSL failed to \(operation)"
    }
  }
}
