import FederationAPI

/// What one fetch proves itself with, read just before it.
struct CallCredentials: Sendable {
  /// The bearer token.
  var token: String
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
    token = try await configuration.token.token()
    workloadToken = try await configuration.workloadToken?.token()
    if let path = configuration.caFile {
      caCertificates = try BoundedFile.read(path, limit: Limits.caCertificates, purpose: "CA file")
    }
    serverCertificates = configuration.serverCertificates ?? caCertificates
    caCertificates = caCertificates ?? configuration.serverCertificates
  }
}
