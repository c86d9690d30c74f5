import FederationAPI
import TTRPC

/// One WatchSecrets of a wire.
protocol WatchStream: Sendable {
  /// The next event. Throws what the stream ended with.
  func next() async throws(RPCError) -> WatchSecretsEvent
  /// Replaces the token.
  func renew(token: String, caCertificates: [UInt8]) throws(RPCError)
  /// Gives the stream up.
  func cancel()
}

extension WatchSecretsCall: WatchStream {}
