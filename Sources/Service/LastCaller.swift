import FederationAPI
import Identity

/// The caller whose token came last on a connection, with what it is recognised by.
final class LastCaller {
  let token: TokenDigest
  let caller: Caller
  private var authorization = MaskedBytes()
  private var caCertificates: [UInt8] = []

  init(_ token: TokenDigest, _ caller: Caller) {
    self.token = token
    self.caller = caller
  }

  /// Makes ``isSame(_:_:)`` know these.
  func recognize(_ authorization: RawSpan, _ caCertificates: [UInt8]) {
    self.authorization.keep(authorization)
    self.caCertificates = caCertificates
  }

  /// Whether these are the ones that ``recognize(_:_:)`` was given.
  func isSame(_ authorization: RawSpan, _ caCertificates: RawSpan) -> Bool {
    self.authorization.isEqual(to: authorization) && caCertificates.isEqual(to: self.caCertificates)
  }
}
