import COpenSSL
import FederationAPI

/// What becomes of one peer's certificates in its handshake. OpenSSL asks within `SSL_do_handshake`, on the loop's thread.
package final class PeerExamination {
  let verifier: any PeerVerifier
  /// Nil until the peer has proved who it is.
  private(set) var identity: ConnectionIdentity?
  package private(set) var refusal: PeerRefusal?

  package init(_ verifier: any PeerVerifier) { self.verifier = verifier }

  /// The most bytes of certificates that a client may show, of OpenSSL's 100 KiB: it has proved nothing while they are
  /// held. Chains have ten certificates at most, and one with RSA keys of 4,096 bits has 2 KiB.
  private static let maximumByteCount = 64 << 10

  /// Requires clients of `context` to show certificates, which are for the session's examination to judge, and has no
  /// session resumed: who comes again is looked at again.
  static func require(in context: OpaquePointer) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    copenssl_limit_certificates(context, maximumByteCount)
    judge(in: context)
    copenssl_forbid_resumption(context)
  }

  /// Leaves the peers' certificates of `context` to the session's examination, in place of the rules for CA roots.
  static func judge(in context: OpaquePointer) {
    SSL_CTX_set_cert_verify_callback(context, PeerExamination.verify, nil)
  }

  /// Leaves all peers of `context`, whose sessions another library makes, to this examination, which must outlive it.
  package func judge(allIn context: OpaquePointer) {
    SSL_CTX_set_cert_verify_callback(context, PeerExamination.verify, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Has the handshake of `session` ask here; this object must outlive it.
  func attach(to session: OpaquePointer) -> Bool {
    SSL_set_ex_data(session, PeerExamination.place, Unmanaged.passUnretained(self).toOpaque()) == 1
  }

  /// OpenSSL's application data.
  private static let place: Int32 = 0

  private static let verify: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { store, all in
    guard let store else { return 0 }
    guard let place = all ?? PeerExamination.ofSession(store) else { return 0 }
    let examination = Unmanaged<PeerExamination>.fromOpaque(place).takeUnretainedValue()
    let error = examination.examine(PeerExamination.certificates(store))
    // Whoever verified may have left errors that the handshake would take for its own.
    ERR_clear_error()
    X509_STORE_CTX_set_error(store, error)
    return error == X509_V_OK ? 1 : 0
  }

  private static func ofSession(_ store: OpaquePointer) -> UnsafeMutableRawPointer? {
    let session = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
    return session.flatMap { SSL_get_ex_data(OpaquePointer($0), PeerExamination.place) }
  }

  private func examine(_ certificates: [[UInt8]]) -> Int32 {
    do throws(PeerRefusal) {
      identity = try verifier.identity(of: certificates)
      return X509_V_OK
    } catch {
      refusal = error
      return error.alert.verificationError
    }
  }

  /// What the peer sent, leaf first; nothing where one cannot be had, so that no other stands in the leaf's place.
  private static func certificates(_ store: OpaquePointer) -> [[UInt8]] {
    var certificates: [[UInt8]] = []
    for index in 0..<copenssl_untrusted_count(store) {
      let certificate = copenssl_untrusted(store, index)
      let length = i2d_X509(certificate, nil)
      guard length > 0 else { return [] }
      certificates.append(
        [UInt8](unsafeUninitializedCapacity: Int(length)) { room, count in
          var end = room.baseAddress
          count = Int(max(0, i2d_X509(certificate, &end)))
        })
    }
    return certificates
  }
}

extension PeerRefusal.Alert {
  /// OpenSSL chooses the alert by the error of the verification.
  fileprivate var verificationError: Int32 {
    switch self {
    case .expired: X509_V_ERR_CERT_HAS_EXPIRED
    case .unknownAuthority: X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
    case .badCertificate: X509_V_ERR_CERT_REJECTED
    case .notAuthorized: X509_V_ERR_APPLICATION_VERIFICATION
    }
  }
}
