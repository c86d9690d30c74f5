import Crypto
import FederationAPI
import Transport

/// Takes the one server that proves a SPIFFE ID by the bundle of its trust domain.
struct ServerIDVerifier: PeerVerifier {
  let id: String
  let material: SPIFFEMaterial

  func identity(of certificates: [[UInt8]]) throws(PeerRefusal) -> ConnectionIdentity {
    let peer: VerifiedSVID
    do throws(CryptoError) {
      peer = try material.verify(certificates, as: .server, atSeconds: WallClock.nowSeconds)
    } catch {
      let alert: PeerRefusal.Alert =
        switch error {
        case .expiredSVID: .expired
        case .untrustedSVID: .unknownAuthority
        default: .badCertificate
        }
      throw PeerRefusal(alert, "the server's certificate: \(error)")
    }
    guard peer.id == id else {
      throw PeerRefusal(.badCertificate, "the server is \(peer.id), where \(id) is expected")
    }
    return ConnectionIdentity()
  }

  /// The connection's caller is told.
  func handshakeFailed(_ reason: String, peer: String) {}
}
