import FederationAPI

/// An SVID, its key and a bundle in PEM files, as spiffe-helper keeps them. Read anew by whoever sees that they changed.
public struct SVIDFiles: Sendable, Hashable {
  /// The certificates, the workload's own first.
  public var certificate: String
  /// The key of the first certificate.
  public var key: String
  /// The authorities of the workload's own trust domain; nil for none.
  public var bundle: String?

  /// Makes the value.
  public init(certificate: String, key: String, bundle: String? = nil) {
    self.certificate = certificate
    self.key = key
    self.bundle = bundle
  }

  /// Reads the files. Throws FAILED_PRECONDITION that names the file at fault. While a helper replaces them one by one, the
  /// key may not be the certificate's for a moment: try again then, and keep what was read before.
  public func read(for role: SVIDRole) throws(RPCError) -> SPIFFEMaterial {
    let certificates = try Self.bytes(certificate, "SVID file")
    var keyBytes = try Self.bytes(key, "SVID key file")
    let secret = SecretBytes(wiping: &keyBytes)
    let svid: X509SVID
    do throws(CryptoError) {
      svid = try X509SVID(pem: certificates, key: secret, for: role)
    } catch {
      // Only the key's own form is the key file's fault.
      let (purpose, path) = if case .invalidKey = error { ("SVID key file", key) } else { ("SVID file", certificate) }
      throw RPCError(.failedPrecondition, "the \(purpose) \(path) cannot be used: \(error)")
    }
    guard let bundle else { return SPIFFEMaterial(svid: svid, bundles: [:]) }
    let domain = svid.leaf.trustDomain
    return SPIFFEMaterial(svid: svid, bundles: [domain: try Self.bundle(bundle, of: domain)])
  }

  /// Reads the authorities of `trustDomain` from a PEM file. Throws FAILED_PRECONDITION that names it.
  public static func bundle(_ path: String, of trustDomain: String) throws(RPCError) -> SPIFFETrustBundle {
    let pem = try bytes(path, "SPIFFE bundle file")
    do throws(CryptoError) {
      return try SPIFFETrustBundle(trustDomain: trustDomain, pem: pem)
    } catch {
      throw RPCError(.failedPrecondition, "the SPIFFE bundle file \(path) cannot be used: \(error)")
    }
  }

  private static func bytes(_ path: String, _ purpose: String) throws(RPCError) -> [UInt8] {
    guard let bytes = try BoundedFile.read(path, limit: X509SVID.maximumByteCount, purpose: purpose) else {
      throw RPCError(.failedPrecondition, "there is no \(purpose) \(path)")
    }
    return bytes
  }
}
