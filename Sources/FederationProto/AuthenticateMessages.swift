import CFederationProto
import FederationAPI

extension AuthenticateRequest {
  /// Decodes `federation.v1.AuthenticateRequest`; fails as ``GetSecretRequest/init(protobuf:)`` does.
  public init(protobuf payload: RawSpan) throws(RPCError) {
    self = try decoded(Federation__V1__AuthenticateRequest.self, from: payload) { message throws(RPCError) in
      AuthenticateRequest(caCertificates: try boundedCertificates(message.pointee.ca_crt))
    }
  }

  /// Encodes `federation.v1.AuthenticateRequest`.
  public func protobuf() -> [UInt8] {
    caCertificates.withUnsafeBufferPointer { certificates in
      var message = Federation__V1__AuthenticateRequest.make()
      message.ca_crt = binary(certificates)
      return encoded(&message)
    }
  }
}

/// `federation.v1.AuthenticateResponse`: what a caller is told about its own identity.
public struct AuthenticateResponse: Hashable, Sendable {
  /// `oidc`, `okta`, `pingidentity` or `spiffe`; newer servers may know more.
  public var method: String
  /// The token's issuer, or the trust domain's name.
  public var provider: String
  /// The token's subject, or the SPIFFE ID.
  public var subject: String
  /// When the binding ends, in seconds since 1970-01-01T00:00:00Z.
  public var expiresAtSeconds: Int64

  /// What is told about `identity`.
  public init(_ identity: VerifiedIdentity) {
    method = identity.method.rawValue
    provider = identity.provider
    subject = identity.subject
    expiresAtSeconds = identity.expiresAtSeconds
  }

  /// Decodes `federation.v1.AuthenticateResponse`.
  public init(protobuf payload: RawSpan) throws(RPCError) {
    self = try decoded(Federation__V1__AuthenticateResponse.self, from: payload) { message throws(RPCError) in
      AuthenticateResponse(
        method: String(cString: message.pointee.method), provider: String(cString: message.pointee.provider),
        subject: String(cString: message.pointee.subject), expiresAtSeconds: message.pointee.expires_at_unix_seconds)
    }
  }

  /// Encodes `federation.v1.AuthenticateResponse`; fails with INVALID_ARGUMENT when a string holds a NUL.
  public func protobuf() throws(RPCError) -> [UInt8] {
    try withCStrings(("provider", provider), ("subject", subject)) { provider, subject in
      method.withCString { method in
        var message = Federation__V1__AuthenticateResponse.make()
        message.method = UnsafeMutablePointer(mutating: method)
        message.provider = provider
        message.subject = subject
        message.expires_at_unix_seconds = expiresAtSeconds
        return encoded(&message)
      }
    }
  }

  private init(method: String, provider: String, subject: String, expiresAtSeconds: Int64) {
    self.method = method
    self.provider = provider
    self.subject = subject
    self.expiresAtSeconds = expiresAtSeconds
  }
}
