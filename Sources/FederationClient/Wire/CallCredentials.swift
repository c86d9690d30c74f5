import Crypto
import FederationAPI
import HTTPClient

/// What one fetch proves itself with, read just before it.
struct CallCredentials: Sendable {
  /// The bearer token; nil for a caller that its SVID proves.
  var token: String?
  /// The SVID that TLS shows, with the bundles; nil for none.
  var svid: SPIFFEMaterial?
  /// The SPIFFE ID that the server has to prove; nil for the rules of CA roots.
  var serverID: String?
  /// The `x-workload-token`, if there is one.
  var workloadToken: String?
  /// The PEM bundle that is sent as `ca.crt`; nil for none sent.
  var caCertificates: [UInt8]?
  /// The PEM bundle that verifies the server; nil for the system's roots.
  var serverCertificates: [UInt8]?

  init(token: String, workloadToken: String? = nil, caCertificates: [UInt8]? = nil) {
    self.token = token
    self.workloadToken = workloadToken
    self.caCertificates = caCertificates
    serverCertificates = caCertificates
  }

  /// Reads the token and the CA file that `configuration` names.
  init(_ configuration: FederationClientConfiguration) async throws(RPCError) {
    if let spiffe = configuration.spiffe {
      svid = try await spiffe.source.material()
      serverID = spiffe.serverID
    } else {
      token = try await configuration.token.token()
    }
    workloadToken = try await configuration.workloadToken?.token()
    if let path = configuration.caFile {
      do throws(RPCError) {
        caCertificates = try BoundedFile.read(path, limit: Limits.caCertificates, purpose: "CA file")
      } catch {
        throw error.about(.fileUnusable)
      }
    }
    serverCertificates = configuration.serverCertificates ?? caCertificates
    // A token's issuer may need the CA; who an SVID is the server knows by itself.
    caCertificates = svid == nil ? caCertificates ?? configuration.serverCertificates : nil
  }

  /// What an HTTP client shows in the handshake; nil without an SVID.
  var clientCertificate: ClientCertificate? {
    get throws(RPCError) {
      guard let svid = svid?.svid else { return nil }
      do throws(CryptoError) {
        return ClientCertificate(certificates: try svid.pem, privateKey: try svid.privateKey.pem.copied)
      } catch {
        throw RPCError(.internal, error.description)
      }
    }
  }
}
