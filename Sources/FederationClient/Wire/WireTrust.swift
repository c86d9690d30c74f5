import Crypto
import FederationAPI
import HTTPClient
import Transport

/// What a connection is made with: it serves further fetches for as long as theirs is the same.
struct WireTrust: Sendable, Equatable {
  /// The PEM bundle that verifies the server; nil for the system's roots.
  let caCertificates: [UInt8]?
  /// The SPIFFE ID that the server has to prove in place of a name.
  let serverID: String?
  private let material: SPIFFEMaterial?

  init(_ credentials: CallCredentials) {
    caCertificates = credentials.serverCertificates
    serverID = credentials.serverID
    material = credentials.svid
  }

  static func == (left: WireTrust, right: WireTrust) -> Bool {
    left.caCertificates == right.caCertificates && left.serverID == right.serverID
      && left.material?.svid.certificates == right.material?.svid.certificates
      && left.material?.bundles == right.material?.bundles
  }

  /// Who judges the server; nil for the rules of CA roots.
  var verifier: (any PeerVerifier)? {
    guard let serverID, let material else { return nil }
    return ServerIDVerifier(id: serverID, material: material)
  }

  /// What TLS is to offer and to trust.
  func tls(alpn: [String]) throws(TransportError) -> ClientTLS {
    var certificate = TLSCertificate.none
    if let svid = material?.svid {
      do throws(CryptoError) {
        certificate = .chain(svid.certificates, key: try svid.privateKey.pem)
      } catch {
        throw TransportError(error.description)
      }
    }
    return try ClientTLS(caCertificates: caCertificates, certificate: certificate, alpn: alpn, peers: verifier)
  }
}
