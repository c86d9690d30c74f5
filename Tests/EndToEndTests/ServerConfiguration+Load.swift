import FederationServer

extension ServerConfiguration {
  /// Lets one identity on one address make all the calls of a test.
  mutating func allowLoad() {
    callLimits.requestsPerIdentity = 1_000_000
    callLimits.requestsPerAddress = 1_000_000
  }
}
